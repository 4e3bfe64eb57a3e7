package clientgo

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"
)

// news is what an informer's handler has heard.
type news struct {
	mu                      sync.Mutex
	added, changed, removed []string
	resynced                int
}

func (n *news) handler() cache.ResourceEventHandler {
	note := func(list *[]string, o any) {
		n.mu.Lock()
		defer n.mu.Unlock()
		if gone, ok := o.(cache.DeletedFinalStateUnknown); ok {
			o = gone.Obj
		}
		*list = append(*list, o.(metav1.Object).GetName())
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc: func(o any) { note(&n.added, o) },
		UpdateFunc: func(before, after any) {
			if before.(metav1.Object).GetResourceVersion() == after.(metav1.Object).GetResourceVersion() {
				n.mu.Lock()
				defer n.mu.Unlock()
				n.resynced++
				return
			}
			note(&n.changed, after)
		},
		DeleteFunc: func(o any) { note(&n.removed, o) },
	}
}

func (n *news) is(added, changed, removed []string) func() bool {
	return func() bool {
		n.mu.Lock()
		defer n.mu.Unlock()
		return same(n.added, added) && same(n.changed, changed) && same(n.removed, removed)
	}
}

func same(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestSharedInformer(t *testing.T) {
	client, ns := client(t)
	maps := client.CoreV1().ConfigMaps(ns)
	create := func(o *corev1.ConfigMap) {
		_, err := maps.Create(t.Context(), o, metav1.CreateOptions{})
		require.NoError(t, err)
	}
	create(configMap("before", nil))

	factory := informers.NewSharedInformerFactoryWithOptions(client, time.Second, informers.WithNamespace(ns),
		informers.WithTweakListOptions(func(o *metav1.ListOptions) { o.FieldSelector = "metadata.name!=kube-root-ca.crt" }))
	informer := factory.Core().V1().ConfigMaps()
	var first, second news
	_, err := informer.Informer().AddEventHandler(first.handler())
	require.NoError(t, err)
	_, err = informer.Informer().AddEventHandler(second.handler())
	require.NoError(t, err)
	factory.Start(t.Context().Done())
	for kind, synced := range factory.WaitForCacheSync(t.Context().Done()) {
		require.True(t, synced, "%v", kind)
	}

	create(configMap("after", nil))
	_, err = maps.Patch(t.Context(), "before", types.MergePatchType, []byte(`{"data":{"a":"b"}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	require.NoError(t, maps.Delete(t.Context(), "before", metav1.DeleteOptions{}))

	eventually(t, first.is([]string{"before", "after"}, []string{"before"}, []string{"before"}), "the first handler hears all")
	eventually(t, second.is([]string{"before", "after"}, []string{"before"}, []string{"before"}), "the second handler too")
	eventually(t, func() bool {
		second.mu.Lock()
		defer second.mu.Unlock()
		return second.resynced > 0
	}, "the second handler is resynced")
	listed, err := informer.Lister().ConfigMaps(ns).List(labels.Everything())
	require.NoError(t, err)
	require.Len(t, listed, 1)
	require.Equal(t, "after", listed[0].Name)
}
