package clientgo

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/disk"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/restmapper"
)

// TestDiscoveryCaches asks both caches for the same, and the mapper on top.
func TestDiscoveryCaches(t *testing.T) {
	config := config(t)
	onDisk, err := disk.NewCachedDiscoveryClientForConfig(config, t.TempDir(), t.TempDir(), time.Hour)
	require.NoError(t, err)
	for name, cached := range map[string]discovery.CachedDiscoveryInterface{
		"memory": memory.NewMemCacheClient(discovery.NewDiscoveryClientForConfigOrDie(config)),
		"disk":   onDisk,
	} {
		t.Run(name, func(t *testing.T) {
			lists, err := cached.ServerPreferredResources()
			require.NoError(t, err)
			require.NotEmpty(t, lists)
			require.True(t, cached.Fresh())

			mapper := restmapper.NewDeferredDiscoveryRESTMapper(cached)
			mapping, err := mapper.RESTMapping(schema.GroupKind{Group: "batch", Kind: "CronJob"})
			require.NoError(t, err)
			require.Equal(t, schema.GroupVersionResource{Group: "batch", Version: "v1", Resource: "cronjobs"}, mapping.Resource)

			short := restmapper.NewShortcutExpander(mapper, cached, func(warning string) { t.Error(warning) })
			for shortcut, resource := range map[string]string{"deploy": "deployments", "hpa": "horizontalpodautoscalers", "pvc": "persistentvolumeclaims"} {
				full, err := short.ResourceFor(schema.GroupVersionResource{Resource: shortcut})
				require.NoError(t, err)
				require.Equal(t, resource, full.Resource)
			}
			all, ok := restmapper.NewDiscoveryCategoryExpander(cached).Expand("all")
			require.True(t, ok)
			require.Contains(t, all, schema.GroupResource{Group: "apps", Resource: "statefulsets"})
		})
	}
}

func TestServerVersion(t *testing.T) {
	version, err := discovery.NewDiscoveryClientForConfigOrDie(config(t)).ServerVersion()
	require.NoError(t, err)
	require.Equal(t, []string{"1", "37"}, []string{version.Major, version.Minor})
	require.Regexp(t, `^v1\.37\.\d+\+minik8s`, version.GitVersion)
}
