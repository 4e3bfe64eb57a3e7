package clientgo

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	toolswatch "k8s.io/client-go/tools/watch"
)

// listWatch lists and watches the ConfigMaps of a namespace that a test made.
func listWatch(t *testing.T) (lw *cache.ListWatch, make func(name string), change func(name string)) {
	client, ns := client(t)
	maps := client.CoreV1().ConfigMaps(ns)
	own := func(o *metav1.ListOptions) { o.FieldSelector = "metadata.name!=kube-root-ca.crt" }
	lw = &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			own(&o)
			return maps.List(ctx, o)
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			own(&o)
			return maps.Watch(ctx, o)
		},
	}
	make = func(name string) {
		_, err := maps.Create(t.Context(), configMap(name, nil), metav1.CreateOptions{})
		require.NoError(t, err)
	}
	change = func(name string) {
		_, err := maps.Patch(t.Context(), name, types.MergePatchType, []byte(`{"data":{"changed":"yes"}}`), metav1.PatchOptions{})
		require.NoError(t, err)
	}
	return lw, make, change
}

// TestRetryWatcher resumes a watch that the server ends, without a gap.
func TestRetryWatcher(t *testing.T) {
	lw, create, _ := listWatch(t)
	list, err := lw.ListWithContext(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	briefly := &cache.ListWatch{WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
		o.TimeoutSeconds = new(int64(1))
		return lw.WatchWithContext(ctx, o)
	}}
	watcher, err := toolswatch.NewRetryWatcherWithContext(t.Context(), list.(*corev1.ConfigMapList).ResourceVersion, briefly)
	require.NoError(t, err)
	defer watcher.Stop()
	for _, name := range []string{"a", "b", "c"} {
		create(name)
		event := <-watcher.ResultChan()
		require.Equal(t, watch.Added, event.Type)
		require.Equal(t, name, event.Object.(*corev1.ConfigMap).Name)
	}
}

// TestUntilWithSync waits for a condition, as kubectl wait does.
func TestUntilWithSync(t *testing.T) {
	lw, create, change := listWatch(t)
	create("a")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	synced := func(store cache.Store) (bool, error) {
		_, exists, err := store.GetByKey(store.ListKeys()[0])
		change("a")
		return !exists, err
	}
	event, err := toolswatch.UntilWithSync(ctx, lw, &corev1.ConfigMap{}, synced, func(e watch.Event) (bool, error) {
		return e.Type == watch.Modified && e.Object.(*corev1.ConfigMap).Data["changed"] == "yes", nil
	})
	require.NoError(t, err)
	require.Equal(t, "a", event.Object.(*corev1.ConfigMap).Name)
}

// TestStreamingList has a watch begin with the objects that there are, a
// bookmark after them, and then what happens.
func TestStreamingList(t *testing.T) {
	lw, create, change := listWatch(t)
	create("a")
	create("b")
	events, err := lw.WatchWithContext(t.Context(), metav1.ListOptions{
		SendInitialEvents: new(true), AllowWatchBookmarks: true, ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan,
	})
	require.NoError(t, err)
	defer events.Stop()
	for _, name := range []string{"a", "b"} {
		event := <-events.ResultChan()
		require.Equal(t, watch.Added, event.Type)
		require.Equal(t, name, event.Object.(*corev1.ConfigMap).Name)
	}
	bookmark := <-events.ResultChan()
	require.Equal(t, watch.Bookmark, bookmark.Type)
	require.Equal(t, "true", bookmark.Object.(*corev1.ConfigMap).Annotations[metav1.InitialEventsAnnotationKey])
	change("b")
	require.Equal(t, watch.Modified, (<-events.ResultChan()).Type)
}
