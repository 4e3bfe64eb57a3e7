package controllers

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile"
)

// configMap is "default/name" with references to ConfigMaps of these names.
func configMap(name string, owners ...string) stored {
	o := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, UID: types.UID("configmap-" + name), ResourceVersion: "7"}}
	for _, owner := range owners {
		o.OwnerReferences = append(o.OwnerReferences, metav1.OwnerReference{
			APIVersion: "v1", Kind: "ConfigMap", Name: owner, UID: types.UID("configmap-" + owner), BlockOwnerDeletion: ptr.To(true),
		})
	}
	return stored{reconcile.ConfigMaps.GroupResource, o}
}

func deleting(o stored, finalizers ...string) stored {
	changed := o.Object.DeepCopyObject().(reconcile.Object)
	changed.SetDeletionTimestamp(ptr.To(metav1.Unix(0, 0)))
	changed.SetFinalizers(finalizers)
	return stored{o.GroupResource, changed}
}

func labelled(o stored) stored {
	changed := o.Object.DeepCopyObject().(reconcile.Object)
	changed.SetLabels(map[string]string{"touched": "true"})
	return stored{o.GroupResource, changed}
}

// Which keys does a change wake, in a world as it is after the change?
func TestGarbageCollectorWakes(t *testing.T) {
	none := stored{}
	owned, free := configMap("b", "a"), configMap("b")
	for _, tt := range []struct {
		name          string
		before, after stored
		others        []stored
		want          []string
	}{
		{"nobody depends on what is gone", configMap("a"), none, []stored{free}, nil},
		{"the dependents of what is gone", configMap("a"), none, []stored{owned, configMap("c", "a")}, []string{"b", "c"}},
		{"the owner that waits for what is gone", owned, none, []stored{deleting(configMap("a"), metav1.FinalizerDeleteDependents)}, []string{"a"}},
		{"not one that orphans", owned, none, []stored{deleting(configMap("a"), metav1.FinalizerOrphanDependents)}, nil},
		{"an ordinary update", owned, labelled(owned), nil, nil},
		{"an ordinary deletion that takes time", configMap("a"), deleting(configMap("a"), "example.com/own"), []stored{owned}, nil},
		{"a deletion in the foreground", configMap("a"), deleting(configMap("a"), metav1.FinalizerDeleteDependents), []stored{owned}, []string{"a", "b"}},
		{"a deletion with orphans", configMap("a"), deleting(configMap("a"), metav1.FinalizerOrphanDependents), []stored{owned}, []string{"a"}},
		{"a finalizer that is set later", deleting(configMap("a"), "example.com/own"), deleting(configMap("a"), metav1.FinalizerOrphanDependents), nil, []string{"a"}},
		{"created with an owner", none, owned, []stored{configMap("a")}, nil},
		{"created after its owner has gone", none, owned, nil, []string{"b"}},
		{"created without owner", none, free, nil, nil},
		{"a reference is taken away from an owner that waits", owned, free, []stored{deleting(configMap("a"), metav1.FinalizerDeleteDependents)}, []string{"a"}},
		{"a reference to an absent owner is added", free, owned, nil, []string{"b"}},
		{"replaced by a namesake: its dependents have no owner", configMap("a"), none, []stored{renamedUID(configMap("a")), owned}, []string{"b"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var world []stored
			if tt.after.Object != nil {
				world = append(world, tt.after)
			}
			v := worldOf(t, append(world, tt.others...)...)
			var want []string
			for _, name := range tt.want {
				want = append(want, "default/configmaps:"+name)
			}
			if got := wokenBy(GarbageCollector(collectedResources(), noCustomResources, testMapping), v, tt.before, tt.after); !slices.Equal(got, want) {
				t.Errorf("woke %q, want %q", got, want)
			}
		})
	}
}

func renamedUID(o stored) stored {
	changed := o.Object.DeepCopyObject().(reconcile.Object)
	changed.SetUID("another")
	return stored{o.GroupResource, changed}
}

// wokenBy does what the engine does with a change.
func wokenBy(c reconcile.Component, v reconcile.View, before, after stored) []string {
	var keys []string
	for _, w := range c.Watches {
		if w.Resource != before.GroupResource && w.Resource != after.GroupResource {
			continue
		}
		if w.When != nil && !w.When(before.Object, after.Object) {
			continue
		}
		for _, o := range []reconcile.Object{before.Object, after.Object} {
			if o == nil {
				continue
			}
			for _, k := range w.Keys(v, o) {
				keys = append(keys, k.String())
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// The first attempt insists on the version it has read, so that it cannot
// delete what has just got an owner; the next one has looked again.
func TestGarbageCollectorPreconditions(t *testing.T) {
	v := worldOf(t, configMap("b", "a"))
	for attempt, want := range []*string{ptr.To("7"), nil} {
		plan, err := GarbageCollector(collectedResources(), noCustomResources, testMapping).Reconcile(v, reconcile.Request{
			Key: reconcile.Key{Namespace: "default", Name: "configmaps:b"}, Attempt: attempt,
		})
		if err != nil || len(plan.Calls) != 1 {
			t.Fatalf("got %d calls: %v", len(plan.Calls), err)
		}
		p := plan.Calls[0].Options.Preconditions
		if !ptr.Equal(p.ResourceVersion, want) || !ptr.Equal(p.UID, ptr.To[types.UID]("configmap-b")) {
			t.Errorf("attempt %d has preconditions %v", attempt, p)
		}
	}
}

// An object that has no strategic merge patch gets a JSON merge patch.
func TestGarbageCollectorFallsBackToMergePatch(t *testing.T) {
	unsupported := apierrors.NewGenericServerResponse(415, "patch", reconcile.ConfigMaps.GroupResource, "b", "", 0, false)
	v := worldOf(t, configMap("a"), configMap("b", "a", "gone"))
	for _, tt := range []struct {
		lastErr error
		want    string
	}{
		{nil, `application/strategic-merge-patch+json {"metadata":{"ownerReferences":[{"$patch":"delete","uid":"configmap-gone"}],"uid":"configmap-b"}}`},
		{errors.New("other"), `application/strategic-merge-patch+json {"metadata":{"ownerReferences":[{"$patch":"delete","uid":"configmap-gone"}],"uid":"configmap-b"}}`},
		{unsupported, `application/merge-patch+json {"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"a","uid":"configmap-a","blockOwnerDeletion":true}],"resourceVersion":"7"}}`},
	} {
		plan, err := GarbageCollector(collectedResources(), noCustomResources, testMapping).Reconcile(v, reconcile.Request{
			Key: reconcile.Key{Namespace: "default", Name: "configmaps:b"}, Attempt: 1, LastErr: tt.lastErr,
		})
		if err != nil || len(plan.Calls) != 1 {
			t.Fatalf("got %d calls: %v", len(plan.Calls), err)
		}
		if got := fmt.Sprintf("%s %s", plan.Calls[0].PatchType, plan.Calls[0].Patch); got != tt.want {
			t.Errorf("after %v\ngot  %s\nwant %s", tt.lastErr, got, tt.want)
		}
	}
}

// BenchmarkGarbageCollector is what 1,000 Pods cost whose ReplicaSet has gone:
// waking them, and a turn for each.
func BenchmarkGarbageCollector(b *testing.B) {
	v := worldOf(b, manyPods(1000)...)
	c := GarbageCollector(collectedResources(), noCustomResources, testMapping)
	gone := stored{reconcile.ReplicaSets.GroupResource, replicaSet("web", 0)}
	gone.SetUID("replicaset-web")
	gone.SetNamespace("dev")
	for b.Loop() {
		keys := wokenBy(c, v, gone, stored{})
		if len(keys) != 1000 {
			b.Fatalf("woke %d keys", len(keys))
		}
		for i := range keys {
			plan, err := c.Reconcile(v, reconcile.Request{Key: reconcile.Key{Namespace: "dev", Name: fmt.Sprintf("pods:web-%04d", i)}})
			if err != nil || len(plan.Calls) != 1 {
				b.Fatalf("got %d calls: %v", len(plan.Calls), err)
			}
		}
	}
}

// BenchmarkGarbageCollectorPodChanges is what a change and the deletion of a
// Pod cost the collector, if nothing depends on it.
func BenchmarkGarbageCollectorPodChanges(b *testing.B) {
	pods := manyPods(1000)
	rs := stored{reconcile.ReplicaSets.GroupResource, replicaSet("web", 0)}
	rs.SetUID("replicaset-web")
	rs.SetNamespace("dev")
	v := worldOf(b, append(pods[1:], rs)...)
	c := GarbageCollector(collectedResources(), noCustomResources, testMapping)
	for b.Loop() {
		if keys := wokenBy(c, v, pods[1], labelled(pods[1])); len(keys) != 0 {
			b.Fatalf("woke %v", keys)
		}
		if keys := wokenBy(c, v, pods[0], stored{}); len(keys) != 0 {
			b.Fatalf("woke %v", keys)
		}
	}
}
