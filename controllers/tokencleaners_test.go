package controllers

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/view/decisiontest"
)

func TestTokenCleaners(t *testing.T) {
	names := func(pod *corev1.Pod, name string) bool { return pod.Name == "with-"+name }
	decisiontest.Run(t, "testdata/tokencleaners", TokenCleaner(), LegacyTokenCleaner(names))
}
