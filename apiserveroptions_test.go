package minik8s_test

import (
	"net/netip"
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

func TestServiceRange(t *testing.T) {
	for text, wrong := range map[string]string{
		"10.96.0.0/12":  "",
		"10.0.0.16/28":  "",
		"10.0.0.0/11":   "service range 10.0.0.0/11 is none of IPv4 from /12 to /28",
		"10.0.0.0/29":   "service range 10.0.0.0/29 is none of IPv4 from /12 to /28",
		"fd00:10::/112": "service range fd00:10::/112 is none of IPv4 from /12 to /28",
	} {
		_, err := minik8s.New(minik8s.Options{Nodes: minik8s.NoNodes, ServiceCIDR: netip.MustParsePrefix(text)})
		if wrong == "" {
			assert.NoError(t, err, text)
		} else {
			assert.EqualError(t, err, wrong)
		}
	}
}
