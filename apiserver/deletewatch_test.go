package apiserver

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/kinds"
)

// deletionsSeen is what a watcher sees after a revision, and how each object is
// on its way out.
func (w *world) deletionsSeen(plural string, after int64) []string {
	selection, err := w.Select(w.request(List, plural, ""))
	require.NoError(w, err)
	changes, err := w.Store.Snapshot().Changes(after)
	require.NoError(w, err)
	var out []string
	for change := range changes {
		e, ok := selection.Event(change)
		if !ok {
			continue
		}
		obj := e.Object.(kinds.Object)
		grace := "-"
		if p := obj.GetDeletionGracePeriodSeconds(); p != nil {
			grace = fmt.Sprint(*p)
		}
		out = append(out, fmt.Sprintf("%s by %s: %s, grace %s, generation %d", e.Type, change.Actor, obj.GetName(), grace, obj.GetGeneration()))
	}
	return out
}

// A pod whose grace is over is seen to be so before it is gone, and with one
// revision for each. What has no grace period goes at once.
func TestDeletionsSeen(t *testing.T) {
	zero, five := ptr.To[int64](0), ptr.To[int64](5)
	const modified, deleted = "MODIFIED by tester: a, grace %d, generation %d", "DELETED by tester: a, grace %d, generation %d"
	ends := func(generation int) []string {
		return []string{fmt.Sprintf(modified, 0, generation), fmt.Sprintf(deleted, 0, generation)}
	}
	for _, tt := range []struct {
		name      string
		bound     bool
		finalizer bool
		do        func(w *world)
		want      []string
	}{
		{name: "no kubelet has it", do: deletesPod(nil), want: ends(2)},
		{name: "by force", bound: true, do: deletesPod(zero), want: ends(2)},
		{name: "by the kubelet", bound: true, do: deletesPod(nil, zero), want: append([]string{fmt.Sprintf(modified, 30, 2)}, ends(2)...)},
		{name: "sooner", bound: true, do: deletesPod(nil, five), want: []string{fmt.Sprintf(modified, 30, 2), fmt.Sprintf(modified, 5, 2)}},
		{name: "kept by a finalizer", finalizer: true, do: deletesPod(nil, zero, zero), want: []string{fmt.Sprintf(modified, 0, 2)}},
		{name: "the last finalizer goes", finalizer: true, do: func(w *world) {
			deletesPod(nil)(w)
			_, err := w.patch("pods", "default/a", "", types.MergePatchType, `{"metadata":{"finalizers":null}}`)
			require.NoError(w, err)
		}, want: ends(2)},
		{name: "with its collection", do: func(w *world) {
			_, err := w.Do(w.request(DeleteCollection, "pods", "default/"))
			require.NoError(w, err)
		}, want: ends(2)},
		{name: "dry", do: func(w *world) {
			out, err := w.delete("pods", "default/a", &metav1.DeleteOptions{DryRun: []string{"All"}})
			require.NoError(w, err)
			require.Equal(w, w.get("pods", "default/a").GetResourceVersion(), out.(*corev1.Pod).ResourceVersion)
			require.NotNil(w, out.(*corev1.Pod).DeletionTimestamp)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			pod := newPodObject("a")
			if tt.finalizer {
				pod.Finalizers = []string{"example.com/wait"}
			}
			w.mustCreate("pods", "default", pod)
			if tt.bound {
				require.NoError(t, w.bind("default/a", "node-1"))
			}
			start := w.revision()
			tt.do(w)
			require.Equal(t, tt.want, w.deletionsSeen("pods", start))
			require.EqualValues(t, len(tt.want), w.revision()-start)
		})
	}
}

// deletesPod deletes the pod a, once for each grace period.
func deletesPod(periods ...*int64) func(*world) {
	return func(w *world) {
		for _, p := range periods {
			_, err := w.delete("pods", "default/a", &metav1.DeleteOptions{GracePeriodSeconds: p})
			require.NoError(w, err)
		}
	}
}

func TestEvictionSeen(t *testing.T) {
	w := newWorld(t)
	w.mustCreate("pods", "default", newPodObject("a"))
	start := w.revision()
	req := w.request(Create, "pods", "default/a")
	req.Subresource, req.Object = "eviction", &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: "a"}}
	_, err := w.Do(req)
	require.NoError(t, err)
	require.Equal(t, []string{
		"MODIFIED by tester: a, grace -, generation 1", // its condition
		"MODIFIED by tester: a, grace 0, generation 2",
		"DELETED by tester: a, grace 0, generation 2",
	}, w.deletionsSeen("pods", start))
}

func TestDeletionWithoutGraceSeen(t *testing.T) {
	w := newWorld(t)
	w.mustCreate("deployments", "default", newDeployment("a", 1))
	start := w.revision()
	_, err := w.delete("deployments", "default/a", &metav1.DeleteOptions{GracePeriodSeconds: ptr.To[int64](0)})
	require.NoError(t, err)
	require.Equal(t, []string{"DELETED by tester: a, grace -, generation 1"}, w.deletionsSeen("deployments", start))
}
