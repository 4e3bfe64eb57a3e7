package apiserver

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/apiserver/admission"
)

// evict deletes a pod if its disruption budget can spare it. Three writes come
// of it: the budget is charged, the pod is marked as a target of disruption,
// and it is deleted, which may be two. All that can be refused is asked before the first of them.
//
// Upstream: pkg/registry/core/pod/storage (EvictionREST), without retries, since there is one writer at a time, and without a charged budget for a pod whose preconditions do not hold.
func (c *call) evict() error {
	if c.GroupResource != pods {
		return noSuchResource(c.req)
	}
	asked, ok := c.req.Object.(*policyv1.Eviction)
	if !ok {
		return apierrors.NewBadRequest(fmt.Sprintf("not a Eviction object: %T", c.req.Object))
	}
	eviction := asked.DeepCopy()
	eviction.SetGroupVersionKind(policyv1.SchemeGroupVersion.WithKind("Eviction"))
	if err := c.admit(admission.Create, eviction, nil); err != nil {
		return err
	}
	opts, err := c.evictionOptions(eviction)
	if err != nil {
		return err
	}
	c.dryRun = len(opts.DryRun) > 0
	if err := c.validateAdmission(admission.Create, eviction, nil); err != nil {
		return err
	}
	c.req.DeleteOptions = opts
	for _, step := range []func() error{c.reviewEviction, c.markDisrupted, c.deleteEvicted} {
		if err := c.write(step); err != nil {
			return err
		}
		if c.response.Object != nil {
			return nil // refused in a Status
		}
	}
	c.response.Object = &metav1.Status{Status: metav1.StatusSuccess}
	return nil
}

// evictionOptions are how the pod is to be deleted: what the eviction says,
// and the dry run that the request may ask for beside it.
func (c *call) evictionOptions(eviction *policyv1.Eviction) (*metav1.DeleteOptions, error) {
	if c.req.Name != eviction.Name {
		return nil, apierrors.NewBadRequest("name in URL does not match name in Eviction object")
	}
	opts := &metav1.DeleteOptions{}
	if eviction.DeleteOptions != nil {
		opts = eviction.DeleteOptions.DeepCopy()
	}
	if ptr.Deref(opts.IgnoreStoreReadErrorWithClusterBreakingPotential, false) {
		return nil, apierrors.NewInvalid(policyv1.SchemeGroupVersion.WithKind("Eviction").GroupKind(), c.req.Name, field.ErrorList{
			field.Invalid(field.NewPath("deleteOptions", "ignoreStoreReadErrorWithClusterBreakingPotential"), true, "can not be set for pod eviction, try after removing the option"),
		})
	}
	if asked := c.req.CreateOptions; asked != nil && len(asked.DryRun) > 0 {
		if len(opts.DryRun) > 0 && !slices.Equal(asked.DryRun, opts.DryRun) {
			//lint:ignore ST1005 upstream's text
			return nil, fmt.Errorf("Non-matching dry-run options in request and content: %v and %v", asked.DryRun, opts.DryRun)
		}
		opts.DryRun = asked.DryRun
	}
	if errs := validation.ValidateDeleteOptions(opts); len(errs) > 0 {
		return nil, apierrors.NewInvalid(schema.GroupKind{Group: metav1.GroupName, Kind: "DeleteOptions"}, "", errs)
	}
	return opts, nil
}

// reviewEviction asks the preconditions and the budget, and charges the budget.
func (c *call) reviewEviction() error {
	stored := c.tx.Get(pods, c.req.Namespace, c.req.Name)
	if stored == nil {
		return c.notFound()
	}
	pod := stored.Value.(*corev1.Pod)
	if err := c.checkPreconditions(pod, c.req.DeleteOptions.Preconditions); err != nil {
		return err
	}
	if evictedForFree(pod) {
		return nil
	}
	return c.chargeBudget(pod)
}

// evictedForFree says that deleting the pod disrupts nothing: it has ended, is
// about to, or has not begun.
func evictedForFree(pod *corev1.Pod) bool {
	switch pod.Status.Phase {
	case corev1.PodSucceeded, corev1.PodFailed, corev1.PodPending:
		return true
	}
	return pod.DeletionTimestamp != nil
}

// markDisrupted says in the pod's conditions why it is about to be deleted.
func (c *call) markDisrupted() error {
	stored := c.tx.Get(pods, c.req.Namespace, c.req.Name)
	if c.dryRun || stored == nil {
		return nil
	}
	pod := *stored.Value.(*corev1.Pod)
	condition := corev1.PodCondition{
		Type:               corev1.DisruptionTarget,
		Status:             corev1.ConditionTrue,
		Reason:             "EvictionByEvictionAPI",
		Message:            "Eviction API: evicting",
		LastTransitionTime: seconds(c.now),
	}
	pod.Status.Conditions = slices.Clone(pod.Status.Conditions)
	i := slices.IndexFunc(pod.Status.Conditions, func(p corev1.PodCondition) bool { return p.Type == condition.Type })
	switch {
	case i < 0:
		pod.Status.Conditions = append(pod.Status.Conditions, condition)
	default:
		was := pod.Status.Conditions[i]
		if was.Status == condition.Status {
			condition.LastTransitionTime = was.LastTransitionTime
		}
		if was == condition {
			return nil
		}
		pod.Status.Conditions[i] = condition
	}
	err := c.put(&pod, stored.ModRevision)
	c.response.Object = nil
	return err
}

// deleteEvicted deletes the pod. Admission was asked about the eviction, and
// the preconditions have held before the pod was marked.
func (c *call) deleteEvicted() error {
	stored := c.tx.Get(pods, c.req.Namespace, c.req.Name)
	opts := c.req.DeleteOptions.DeepCopy()
	opts.Preconditions = nil
	err := c.deleteObject(stored, opts)
	c.response.Object = nil
	return err
}
