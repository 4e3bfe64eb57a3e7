package apiserver

import (
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/apiserver/admission"
	"github.com/minik8s/minik8s/kinds"
)

// bindings is the path of old for bindings, where the body names the pod. To
// whoever is asked about it, it is a resource of its own.
var bindings = schema.GroupResource{Resource: "bindings"}

// bindingsOf are pods as they are reached by that path.
func bindingsOf(pods *resource, plugins admission.Chain) *resource {
	b := *pods
	b.isBinding, b.admission = true, plugins
	return &b
}

// bind assigns a pod to a node.
//
// Upstream: pkg/registry/core/pod/storage (BindingREST), without dropping the annotations of init containers that clients before 1.8 wrote.
func (c *call) bind() error {
	binding, ok := c.req.Object.(*corev1.Binding)
	if !ok || c.GroupResource != pods {
		return apierrors.NewBadRequest(fmt.Sprintf("not a Binding object: %T", c.req.Object))
	}
	if !c.isBinding && c.req.Name != binding.Name {
		return apierrors.NewBadRequest("name in URL does not match name in Binding object")
	}
	if binding.Namespace != "" && binding.Namespace != c.req.Namespace {
		return apierrors.NewBadRequest("the namespace of the provided object does not match the namespace sent on the request")
	}
	if err := c.admit(admission.Create, binding, nil); err != nil {
		return err
	}
	if errs := kinds.ValidateBinding(binding); len(errs) > 0 {
		return errs.ToAggregate()
	}
	if err := c.validateAdmission(admission.Create, binding, nil); err != nil {
		return err
	}
	if c.isBinding {
		c.req.Name = binding.Name
	}
	if c.req.Name == "" {
		return apierrors.NewBadRequest("Name parameter required.")
	}
	stored := c.tx.Get(pods, c.req.Namespace, c.req.Name)
	if stored == nil {
		return c.notFound()
	}
	old := stored.Value.(*corev1.Pod)
	if err := c.checkUID(binding.UID, old.UID); err != nil {
		return err
	}
	if rv := binding.ResourceVersion; rv != "" && rv != old.ResourceVersion {
		return c.preconditionFailed("ResourceVersion", rv, old.ResourceVersion)
	}
	if err := bindable(old); err != nil {
		return apierrors.NewConflict(schema.GroupResource{Resource: "pods/binding"}, old.Name, err)
	}
	if err := c.put(c.bound(old, binding), stored.ModRevision); err != nil {
		return err
	}
	c.response.Object = &metav1.Status{Status: metav1.StatusSuccess}
	return nil
}

func bindable(pod *corev1.Pod) error {
	switch {
	case pod.DeletionTimestamp != nil:
		return fmt.Errorf("pod %s is being deleted, cannot be assigned to a host", pod.Name)
	case pod.Spec.NodeName != "":
		return fmt.Errorf("pod %v is already assigned to node %q", pod.Name, pod.Spec.NodeName)
	case len(pod.Spec.SchedulingGates) != 0:
		return fmt.Errorf("pod %v has non-empty .spec.schedulingGates", pod.Name)
	}
	return nil
}

// bound is the pod on its node. It shares with the frozen pod all that a
// binding does not touch.
func (c *call) bound(old *corev1.Pod, binding *corev1.Binding) *corev1.Pod {
	pod := *old
	pod.Spec.NodeName = binding.Target.Name
	pod.Status.NominatedNodeName = ""
	pod.Annotations = mergeLabels(pod.Annotations, binding.Annotations)
	pod.Labels = mergeLabels(pod.Labels, binding.Labels)
	scheduled := corev1.PodCondition{Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: seconds(c.now)}
	pod.Status.Conditions = slices.Clone(pod.Status.Conditions)
	i := slices.IndexFunc(pod.Status.Conditions, func(p corev1.PodCondition) bool { return p.Type == corev1.PodScheduled })
	if i < 0 {
		pod.Status.Conditions = append(pod.Status.Conditions, scheduled)
		return &pod
	}
	if was := pod.Status.Conditions[i]; was.Status == scheduled.Status {
		scheduled.LastTransitionTime = was.LastTransitionTime
	}
	pod.Status.Conditions[i] = scheduled
	return &pod
}

// mergeLabels returns labels, or annotations, with more on top. Neither map is
// changed.
func mergeLabels(labels, more map[string]string) map[string]string {
	if len(more) == 0 {
		return labels
	}
	merged := make(map[string]string, len(labels)+len(more))
	maps.Copy(merged, labels)
	maps.Copy(merged, more)
	return merged
}
