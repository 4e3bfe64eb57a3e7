package controllers

import (
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"
)

// maxSurge is how many Pods a rolling update may have beyond spec.replicas.
func maxSurge(d *appsv1.Deployment) int32 {
	surge, _ := rollingLimits(d)
	return surge
}

// maxUnavailable is how many Pods a rolling update may lack, at most all.
func maxUnavailable(d *appsv1.Deployment) int32 {
	_, unavailable := rollingLimits(d)
	return min(unavailable, *d.Spec.Replicas)
}

// rollingLimits resolves both limits, in Pods. Percentages of spec.replicas
// are rounded up for the surge and down for unavailability; if both come to
// nothing, one Pod may be unavailable, as otherwise no rollout could move.
// Other strategies have no limits, and values that are no percentages count as
// zero: validation does not let them in.
//
// Upstream: pkg/controller/deployment/util (ResolveFenceposts, MaxSurge, MaxUnavailable), in one function.
func rollingLimits(d *appsv1.Deployment) (surge, unavailable int32) {
	if d.Spec.Strategy.Type != appsv1.RollingUpdateDeploymentStrategyType {
		return 0, 0
	}
	limits := ptr.Deref(d.Spec.Strategy.RollingUpdate, appsv1.RollingUpdateDeployment{})
	surge = resolveLimit(limits.MaxSurge, *d.Spec.Replicas, true)
	unavailable = resolveLimit(limits.MaxUnavailable, *d.Spec.Replicas, false)
	if surge == 0 && unavailable == 0 {
		unavailable = 1
	}
	return surge, unavailable
}

func resolveLimit(limit *intstr.IntOrString, of int32, roundUp bool) int32 {
	n, err := intstr.GetScaledValueFromIntOrPercent(intstr.ValueOrDefault(limit, intstr.FromInt32(0)), int(of), roundUp)
	if err != nil {
		return 0
	}
	return int32(n)
}
