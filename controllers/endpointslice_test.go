package controllers

import (
	"testing"

	"github.com/minik8s/minik8s/view/decisiontest"
)

func TestEndpointSlice(t *testing.T) {
	decisiontest.Run(t, "testdata/endpointslice", EndpointSlice())
}
