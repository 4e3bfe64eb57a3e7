package controllers

import (
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/view/decisiontest"
)

func TestServiceAccountTokens(t *testing.T) {
	decisiontest.Run(t, "testdata/serviceaccounttokens", ServiceAccountTokens([]byte("CA IN PEM"), func(account *corev1.ServiceAccount, secret *corev1.Secret) (string, error) {
		if account.Name == "broken" {
			return "", errors.New("no key")
		}
		return account.Name + " in " + secret.Name, nil
	}))
}

func TestServiceAccount(t *testing.T) {
	decisiontest.Run(t, "testdata/serviceaccount", ServiceAccount(), RootCACertPublisher("CA IN PEM"))
}
