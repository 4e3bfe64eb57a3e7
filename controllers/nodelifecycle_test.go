package controllers

import (
	"testing"

	"github.com/minik8s/minik8s/view/decisiontest"
)

func TestNodeLifecycle(t *testing.T) {
	decisiontest.Run(t, "testdata/nodelifecycle", NodeLifecycle())
}
