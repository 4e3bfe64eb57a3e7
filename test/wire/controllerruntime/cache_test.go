package controllerruntime

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// TestCache reads from informers that are told what to keep, by label and by
// an index.
func TestCache(t *testing.T) {
	writer, ns := newClient(t)
	readers, err := cache.New(restConfig(t), cache.Options{
		DefaultNamespaces: map[string]cache.Config{ns: {}},
		ByObject: map[client.Object]cache.ByObject{
			&corev1.ConfigMap{}: {Label: labels.SelectorFromSet(labels.Set{"cached": "yes"})},
		},
	})
	require.NoError(t, err)
	require.NoError(t, readers.IndexField(t.Context(), &corev1.ConfigMap{}, "data.colour", func(o client.Object) []string {
		return []string{o.(*corev1.ConfigMap).Data["colour"]}
	}))
	start(t, readers.Start)
	require.True(t, readers.WaitForCacheSync(t.Context()))

	coloured := func(name, cached, colour string) *corev1.ConfigMap {
		object := configMap(ns, name, "cached", cached)
		object.Data = map[string]string{"colour": colour}
		return object
	}
	require.NoError(t, writer.Create(t.Context(), coloured("unseen", "no", "blue")))
	require.NoError(t, writer.Create(t.Context(), coloured("red", "yes", "red")))
	blue := coloured("blue", "yes", "blue")
	require.NoError(t, writer.Create(t.Context(), blue))

	has := func(want int, options ...client.ListOption) func() bool {
		return func() bool {
			list := &corev1.ConfigMapList{}
			return readers.List(t.Context(), list, options...) == nil && len(list.Items) == want
		}
	}
	eventually(t, has(2), "what carries the label")
	eventually(t, has(1, client.MatchingFields{"data.colour": "blue"}), "what the index finds")

	// What loses the label leaves the cache, as if it had been deleted.
	blue.Labels["cached"] = "no"
	require.NoError(t, writer.Update(t.Context(), blue))
	eventually(t, has(0, client.MatchingFields{"data.colour": "blue"}), "gone from the index")

	// Metadata alone has informers of its own.
	partial := &metav1.PartialObjectMetadataList{}
	partial.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("SecretList"))
	require.NoError(t, writer.Create(t.Context(), &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "s"}}))
	eventually(t, func() bool {
		return readers.List(t.Context(), partial) == nil && len(partial.Items) == 1 && partial.Items[0].Name == "s"
	}, "the secret's metadata")
}

// start runs a manager or cache until the test ends, and waits for its end.
func start(t *testing.T, run func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
}
