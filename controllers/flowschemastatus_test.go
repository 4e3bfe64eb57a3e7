package controllers

import (
	"testing"

	"github.com/minik8s/minik8s/view/decisiontest"
)

func TestFlowSchemaStatus(t *testing.T) {
	decisiontest.Run(t, "testdata/flowschemastatus", FlowSchemaStatus())
}
