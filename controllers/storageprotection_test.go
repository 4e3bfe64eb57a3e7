package controllers

import (
	"testing"

	"github.com/minik8s/minik8s/view/decisiontest"
)

func TestStorageProtection(t *testing.T) {
	decisiontest.Run(t, "testdata/storageprotection", PVCProtection(), PVProtection(), VACProtection())
}
