package controllers

import (
	"testing"

	"github.com/minik8s/minik8s/view/decisiontest"
)

func TestReplicationController(t *testing.T) {
	decisiontest.Run(t, "testdata/replicationcontroller", ReplicationController())
}
