package controllers

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/reconcile"
)

// content is what a namespace holds of one resource.
type content struct {
	resource schema.GroupVersionResource
	objects  []reconcile.Object
}

// listContent finds everything in a namespace, and how many objects that is.
func listContent(v reconcile.View, namespace string, resources []schema.GroupVersionResource) ([]content, int) {
	var found []content
	count := 0
	for _, gvr := range resources {
		objects := v.List(gvr.GroupResource(), reconcile.InNamespace(namespace))
		if len(objects) > 0 {
			found = append(found, content{gvr, objects})
			count += len(objects)
		}
	}
	return found, count
}

// podsFirst picks what is to be deleted now, and says whether the rest has to
// wait. As long as there are Pods that take time to end, they go alone: they
// may need the Secrets, Services and policies of their namespace to end well.
func podsFirst(found []content) (batch []content, othersWait bool) {
	for i, c := range found {
		if c.resource.GroupResource() == reconcile.Pods.GroupResource && slices.ContainsFunc(c.objects, staysAfterDelete) {
			return found[i : i+1], len(found) > 1
		}
	}
	return found, false
}

// deleteContent deletes what is not yet being deleted.
//
// Upstream: pkg/controller/namespace/deletion (deleteCollection), which sends one deletecollection for each resource on every pass; here each object is deleted once, by its own call.
func deleteContent(plan *reconcile.Plan, batch []content) {
	background := metav1.DeletePropagationBackground
	opts := metav1.DeleteOptions{PropagationPolicy: &background}
	for _, c := range batch {
		for _, o := range c.objects {
			if o.GetDeletionTimestamp() == nil {
				plan.DeleteWith(o, opts, "its namespace is being deleted")
			}
		}
	}
}

// staysAfterDelete says whether an object outlives the call that deletes it:
// finalizers hold it, or it is a Pod that its kubelet has to stop first.
func staysAfterDelete(o reconcile.Object) bool {
	if len(o.GetFinalizers()) > 0 || o.GetDeletionTimestamp() != nil {
		return true
	}
	pod, ok := o.(*corev1.Pod)
	return ok && pod.Spec.NodeName != "" && !isPodTerminal(pod) && podGrace(pod) > 0
}

func podGrace(pod *corev1.Pod) time.Duration {
	if pod.Spec.TerminationGracePeriodSeconds == nil {
		return 0
	}
	return time.Duration(*pod.Spec.TerminationGracePeriodSeconds) * time.Second
}

// remaining is what is still there after everything was told to go.
type remaining struct {
	// counts has one entry for each resource of which something is left.
	counts []resourceCount
	// finalizers says on how many objects each finalizer is left.
	finalizers map[string]int
	// longestGrace is the longest grace period of a Pod that has not ended.
	longestGrace time.Duration
}

type resourceCount struct {
	resource   schema.GroupVersionResource
	count      int
	finalizers bool // at least one of them has a finalizer
}

func takeStock(batch []content) remaining {
	left := remaining{finalizers: map[string]int{}}
	for _, c := range batch {
		rc := resourceCount{resource: c.resource}
		for _, o := range c.objects {
			if !staysAfterDelete(o) {
				continue
			}
			rc.count++
			for _, f := range o.GetFinalizers() {
				left.finalizers[f]++
				rc.finalizers = true
			}
			if pod, ok := o.(*corev1.Pod); ok && !isPodTerminal(pod) {
				left.longestGrace = max(left.longestGrace, podGrace(pod))
			}
		}
		if rc.count > 0 {
			left.counts = append(left.counts, rc)
		}
	}
	return left
}

// grace is how long the Pods may take to end. It is zero once the namespace
// has been waiting for longer than that.
func (r remaining) grace(waited time.Duration) time.Duration {
	if waited >= r.longestGrace {
		return 0
	}
	return r.longestGrace
}
