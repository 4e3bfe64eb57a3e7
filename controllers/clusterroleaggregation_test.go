package controllers

import (
	"testing"

	"github.com/minik8s/minik8s/view/decisiontest"
)

func TestClusterRoleAggregation(t *testing.T) {
	decisiontest.Run(t, "testdata/clusterroleaggregation", ClusterRoleAggregation())
}
