package minik8s_test

import (
	"net/netip"
	"strings"
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
	for texts, wrong := range map[string]string{
		"10.96.0.0/12":                      "",
		"10.0.0.0/8":                        "",
		"10.0.0.16/29":                      "",
		"fd00:10::/112":                     "",
		"10.0.0.0/24,fd00:10::/64":          "",
		"fd00:10::/64,10.0.0.0/24":          "",
		"10.0.0.0/30":                       "service range 10.0.0.0/30: must be at least 8 IP addresses",
		"fd00:10::/63":                      "service range fd00:10::/63: shortest allowed prefix length for service CIDR is 64, got 63",
		"10.0.0.0/24,10.1.0.0/24":           "service ranges 10.0.0.0/24 and 10.1.0.0/24 must be of different IP family",
		"10.0.0.0/24,fd00::/64,10.1.0.0/24": "there must not be more than two service ranges",
	} {
		var ranges []netip.Prefix
		for text := range strings.SplitSeq(texts, ",") {
			ranges = append(ranges, netip.MustParsePrefix(text))
		}
		_, err := minik8s.New(minik8s.Options{Nodes: minik8s.NoNodes, ServiceCIDRs: ranges})
		if wrong == "" {
			assert.NoError(t, err, texts)
		} else {
			assert.EqualError(t, err, wrong)
		}
	}
}
