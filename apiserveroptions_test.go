package minik8s_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/apiserver"
)

func TestAnUnknownAdmissionPluginIsRefused(t *testing.T) {
	_, err := minik8s.New(minik8s.Options{WithoutAdmission: []string{"Priority", "Prioritys"}})
	assert.EqualError(t, err, `admission plugin "Prioritys" is unknown`)
}

// Who may do what is the same for a fork.
func TestAlwaysAllowIsForForksToo(t *testing.T) {
	for _, allow := range []bool{false, true} {
		cluster, err := minik8s.New(minik8s.Options{Nodes: minik8s.NoNodes, AlwaysAllow: allow})
		require.NoError(t, err)
		for _, c := range []*minik8s.Cluster{cluster, cluster.Fork()} {
			_, err = c.Do(apiserver.Request{
				Verb: apiserver.Get, Resource: corev1.SchemeGroupVersion.WithResource("namespaces"), Name: "default", User: apiserver.User{Name: "anyone"},
			})
			assert.Equal(t, allow, err == nil, err)
		}
	}
}
