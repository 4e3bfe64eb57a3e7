package controllers

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/view/decisiontest"
)

func TestEndpointSliceMirroring(t *testing.T) {
	decisiontest.Run(t, "testdata/endpointslicemirroring", EndpointSliceMirroring())
}

func TestMirrorGroupsHaveLimits(t *testing.T) {
	subset := corev1.EndpointSubset{Ports: []corev1.EndpointPort{{Port: 80}}}
	for i := range 1003 {
		subset.Addresses = append(subset.Addresses, corev1.EndpointAddress{IP: fmt.Sprintf("192.0.%d.%d", i/250, i%250)})
	}
	groups, tooMany := mirrorGroups([]corev1.EndpointSubset{subset})
	require.Equal(t, 3, tooMany)
	require.Len(t, groups, 1)
	require.Len(t, groups[0].endpoints, 1000)
}
