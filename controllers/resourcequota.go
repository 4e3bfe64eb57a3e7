package controllers

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/reconcile"
)

// quotaResync is how often a quota is measured although nothing is known to
// have changed.
const quotaResync = 5 * time.Minute

var resourceQuotas = reconcile.Resource[*corev1.ResourceQuota]{GroupResource: schema.GroupResource{Resource: "resourcequotas"}}

// MeasureQuota says what the objects in a quota's namespace use up of what the
// quota limits. What it could not measure is in the error, and not in the list.
type MeasureQuota func(reconcile.View, *corev1.ResourceQuota) (corev1.ResourceList, error)

// ResourceQuota is the resource quota controller: it tells in each quota's
// status what is limited and how much is used. Admission counts up when
// objects are created; this controller counts anew when they go.
// resources are all that a quota may limit.
//
// Upstream: pkg/controller/resourcequota, which finds out about new kinds of custom resources every 30s.
func ResourceQuota(resources []schema.GroupResource, measure MeasureQuota) reconcile.Component {
	watches := []reconcile.Watch{reconcile.Self(resourceQuotas.GroupResource).If(quotaIsDirty)}
	for _, gr := range resources {
		watches = append(watches, reconcile.Mapped(gr, quotasAround).If(givesBack(gr)))
	}
	watches = append(watches, reconcile.Mapped(reconcile.CustomResources, quotasAround).If(isGone))
	return reconcile.Component{
		Name:    "resourcequota-controller",
		User:    "system:serviceaccount:kube-system:resourcequota-controller",
		For:     resourceQuotas.GroupResource,
		Watches: watches,
		Reconcile: func(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
			return syncQuota(v, req, measure)
		},
	}
}

// quotaIsDirty: the quota is new, or limits something else than it did.
func quotaIsDirty(before, after reconcile.Object) bool {
	switch {
	case after == nil:
		return false
	case before == nil:
		return true
	}
	q, old := after.(*corev1.ResourceQuota), before.(*corev1.ResourceQuota)
	return !equality.Semantic.DeepEqual(q.Spec, old.Spec) || q.Status.Hard == nil
}

// quotasAround are the quotas of an object's namespace.
func quotasAround(v reconcile.View, o reconcile.Object) []reconcile.Key {
	var keys []reconcile.Key
	for _, q := range resourceQuotas.List(v, reconcile.InNamespace(o.GetNamespace())) {
		keys = append(keys, reconcile.KeyOf(q))
	}
	return keys
}

func syncQuota(v reconcile.View, req reconcile.Request, measure MeasureQuota) (reconcile.Plan, error) {
	var plan reconcile.Plan
	quota, ok := resourceQuotas.Get(v, req.Key)
	if !ok {
		return plan, nil
	}
	plan.Heartbeat(quotaResync, "measure again")
	measured, err := measure(v, quota)
	if err != nil {
		err = fmt.Errorf("measure %s: %w", req.Key, err)
	}
	used := corev1.ResourceList{}
	for name := range quota.Spec.Hard {
		if amount, ok := measured[name]; ok {
			used[name] = amount
		} else if amount, ok := quota.Status.Used[name]; ok {
			used[name] = amount
		}
	}
	if quota.Status.Hard != nil && quota.Status.Used != nil && equality.Semantic.DeepEqual(quota.Spec.Hard, quota.Status.Hard) && sameAmounts(used, quota.Status.Used) {
		return plan, err
	}
	counted := quota.DeepCopy()
	counted.Status = corev1.ResourceQuotaStatus{Hard: quota.Spec.Hard.DeepCopy(), Used: used}
	plan.UpdateStatus(counted, "%s", describeUse(used, quota.Spec.Hard))
	return plan, err
}
