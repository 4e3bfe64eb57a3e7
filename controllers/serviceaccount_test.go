package controllers

import (
	"testing"

	"github.com/minik8s/minik8s/view/decisiontest"
)

func TestServiceAccount(t *testing.T) {
	decisiontest.Run(t, "testdata/serviceaccount", ServiceAccount(), RootCACertPublisher("CA IN PEM"))
}
