package controllers

import (
	"testing"

	"github.com/minik8s/minik8s/view/decisiontest"
)

func TestServiceCIDR(t *testing.T) {
	decisiontest.Run(t, "testdata/servicecidr", ServiceCIDR())
}
