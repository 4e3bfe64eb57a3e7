package controllers

import (
	"testing"

	"github.com/minik8s/minik8s/view/decisiontest"
)

func TestEndpoints(t *testing.T) {
	decisiontest.Run(t, "testdata/endpoints", Endpoints())
}
