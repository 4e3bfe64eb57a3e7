package controllers

import (
	"testing"

	"github.com/minik8s/minik8s/view/decisiontest"
)

func TestCustomResourceNaming(t *testing.T) {
	decisiontest.Run(t, "testdata/customresourcenaming", CustomResourceNaming())
}

func TestCustomResourceEstablishing(t *testing.T) {
	decisiontest.Run(t, "testdata/customresourceestablishing", CustomResourceEstablishing())
}

func TestCustomResourceApproval(t *testing.T) {
	decisiontest.Run(t, "testdata/customresourceapproval", CustomResourceApproval())
}

func TestCustomResourceFinalizer(t *testing.T) {
	decisiontest.Run(t, "testdata/customresourcefinalizer", CustomResourceFinalizer())
}
