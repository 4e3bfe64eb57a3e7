package apiserver

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

// seen is what a watcher of a selection sees after a revision.
func (w *world) seen(key string, opts metav1.ListOptions, after int64) []string {
	req := w.request(List, "pods", key)
	req.ListOptions = &opts
	selection, err := w.Select(req)
	require.NoError(w, err)
	changes, err := w.Store.Snapshot().Changes(after)
	require.NoError(w, err)
	var out []string
	for change := range changes {
		if e, ok := selection.Event(change); ok {
			obj := e.Object.(kinds.Object)
			require.Equal(w, fmt.Sprint(change.Revision), obj.GetResourceVersion())
			out = append(out, fmt.Sprintf("%s %s/%s app=%s", e.Type, obj.GetNamespace(), obj.GetName(), obj.GetLabels()["app"]))
		}
	}
	return out
}

func TestWatch(t *testing.T) {
	w := newWorld(t)
	w.mustCreate("namespaces", "", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "dev"}})
	start := w.revision()
	w.mustCreate("pods", "default", newPodObject("a"))
	w.mustCreate("pods", "dev", newPodObject("b"))
	w.mustCreate("configmaps", "default", &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "a"}})
	relabel := func(app string) {
		_, err := w.patch("pods", "default/a", "", types.MergePatchType, `{"metadata":{"labels":{"app":"`+app+`"}}}`)
		require.NoError(t, err)
	}
	relabel("db")
	relabel("cache")
	relabel("web")
	_, err := w.delete("pods", "default/a", nil)
	require.NoError(t, err)

	require.Equal(t, []string{
		"ADDED default/a app=web", "ADDED dev/b app=web",
		"MODIFIED default/a app=db", "MODIFIED default/a app=cache", "MODIFIED default/a app=web",
		"MODIFIED default/a app=web", "DELETED default/a app=web", // its grace comes to nothing first
	}, w.seen("", metav1.ListOptions{}, start))
	require.Equal(t, []string{"ADDED dev/b app=web"}, w.seen("dev/", metav1.ListOptions{}, start))
	require.Equal(t, []string{
		"ADDED default/a app=web",
		"DELETED default/a app=web", // as it was when it left the selection
		"ADDED default/a app=web",
		"MODIFIED default/a app=web", "DELETED default/a app=web",
	}, w.seen("default/", metav1.ListOptions{LabelSelector: "app=web"}, start))
	require.Equal(t, []string{"ADDED default/a app=db", "DELETED default/a app=db"},
		w.seen("", metav1.ListOptions{LabelSelector: "app=db"}, start))
	require.Empty(t, w.seen("", metav1.ListOptions{FieldSelector: "metadata.name=z"}, start))
}

func TestSelected(t *testing.T) {
	w := newWorld(t)
	w.mustCreate("pods", "default", newPodObject("a"))
	req := w.request(List, "pods", "default/")
	req.ListOptions = &metav1.ListOptions{LabelSelector: "app=web"}
	selection, err := w.Select(req)
	require.NoError(t, err)
	for o, want := range map[*store.Object]bool{
		w.Store.Snapshot().Get(pods, "default", "a"):      true,
		w.Store.Snapshot().Get(namespaces, "", "default"): false,
		nil: false,
	} {
		obj, err := selection.Selected(o)
		require.NoError(t, err)
		require.Equal(t, want, obj != nil)
	}
}
