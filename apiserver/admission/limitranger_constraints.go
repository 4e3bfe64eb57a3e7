package admission

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	resourcehelper "k8s.io/component-helpers/resource"
)

// checkLimits is every way in which a pod or a claim goes against a
// LimitRange.
func checkLimits(obj runtime.Object, limits *corev1.LimitRange) error {
	var violations []error
	for i := range limits.Spec.Limits {
		item := &limits.Spec.Limits[i]
		switch obj := obj.(type) {
		case *corev1.PersistentVolumeClaim:
			if item.Type == corev1.LimitTypePersistentVolumeClaim {
				violations = append(violations, checkClaim(item, obj.Spec.Resources.Requests)...)
			}
		case *corev1.Pod:
			violations = append(violations, checkPod(item, obj)...)
		}
	}
	return utilerrors.NewAggregate(violations)
}

func checkPod(item *corev1.LimitRangeItem, pod *corev1.Pod) []error {
	var violations []error
	switch item.Type {
	case corev1.LimitTypeContainer:
		for _, containers := range [...][]corev1.Container{pod.Spec.Containers, pod.Spec.InitContainers} {
			for i := range containers {
				violations = append(violations, checkResources(item, containers[i].Resources.Requests, containers[i].Resources.Limits)...)
			}
		}
	case corev1.LimitTypePod:
		whole := resourcehelper.PodResourcesOptions{ExcludeOverhead: true}
		violations = checkResources(item, resourcehelper.PodRequests(pod, whole), resourcehelper.PodLimits(pod, whole))
	}
	return violations
}

// checkResources compares what a container, or a whole pod, asks for.
func checkResources(item *corev1.LimitRangeItem, requests, limits corev1.ResourceList) []error {
	var violations []error
	each(item.Min, func(name corev1.ResourceName, minimum resource.Quantity) {
		violations = append(violations, checkMin(item.Type, name, minimum, requests, limits)...)
	})
	each(item.Max, func(name corev1.ResourceName, maximum resource.Quantity) {
		violations = append(violations, checkMax(item.Type, name, maximum, requests, limits)...)
	})
	each(item.MaxLimitRequestRatio, func(name corev1.ResourceName, ratio resource.Quantity) {
		violations = append(violations, checkRatio(item.Type, name, ratio, requests, limits)...)
	})
	return violations
}

// checkClaim is about requests alone: a claim has no limits.
func checkClaim(item *corev1.LimitRangeItem, requests corev1.ResourceList) []error {
	var violations []error
	each(item.Min, func(name corev1.ResourceName, minimum resource.Quantity) {
		violations = append(violations, checkMin(item.Type, name, minimum, requests, nil)...)
	})
	each(item.Max, func(name corev1.ResourceName, maximum resource.Quantity) {
		request, ok := requests[name]
		switch {
		case !ok:
			violations = append(violations, fmt.Errorf("maximum %s usage per %s is %s.  No request is specified", name, item.Type, maximum.String()))
		case compare(request, maximum) > 0:
			violations = append(violations, fmt.Errorf("maximum %s usage per %s is %s, but request is %s", name, item.Type, maximum.String(), request.String()))
		}
	})
	return violations
}

func each(list corev1.ResourceList, f func(corev1.ResourceName, resource.Quantity)) {
	var names []corev1.ResourceName
	for name := range list {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		f(name, list[name])
	}
}

// compare is in thousandths, or in whole numbers if a number is too large for
// that: what is smaller than a thousandth does not count.
func compare(a, b resource.Quantity) int {
	if a.Value() <= resource.MaxMilliValue && b.Value() <= resource.MaxMilliValue {
		return cmp.Compare(a.MilliValue(), b.MilliValue())
	}
	return cmp.Compare(a.Value(), b.Value())
}

func checkMin(of corev1.LimitType, name corev1.ResourceName, minimum resource.Quantity, requests, limits corev1.ResourceList) []error {
	request, requested := requests[name]
	limit, limited := limits[name]
	switch {
	case !requested:
		return []error{fmt.Errorf("minimum %s usage per %s is %s.  No request is specified", name, of, minimum.String())}
	case compare(request, minimum) < 0:
		return []error{fmt.Errorf("minimum %s usage per %s is %s, but request is %s", name, of, minimum.String(), request.String())}
	case limited && compare(limit, minimum) < 0:
		return []error{fmt.Errorf("minimum %s usage per %s is %s, but limit is %s", name, of, minimum.String(), limit.String())}
	}
	return nil
}

func checkMax(of corev1.LimitType, name corev1.ResourceName, maximum resource.Quantity, requests, limits corev1.ResourceList) []error {
	request, requested := requests[name]
	limit, limited := limits[name]
	switch {
	case !limited:
		return []error{fmt.Errorf("maximum %s usage per %s is %s.  No limit is specified", name, of, maximum.String())}
	case compare(limit, maximum) > 0:
		return []error{fmt.Errorf("maximum %s usage per %s is %s, but limit is %s", name, of, maximum.String(), limit.String())}
	case requested && compare(request, maximum) > 0:
		return []error{fmt.Errorf("maximum %s usage per %s is %s, but request is %s", name, of, maximum.String(), request.String())}
	}
	return nil
}

func checkRatio(of corev1.LimitType, name corev1.ResourceName, maximum resource.Quantity, requests, limits corev1.ResourceList) []error {
	request, limit := requests[name], limits[name]
	switch {
	case request.MilliValue() == 0:
		return []error{fmt.Errorf("%s max limit to request ratio per %s is %s, but no request is specified or request is 0", name, of, maximum.String())}
	case limit.MilliValue() == 0:
		return []error{fmt.Errorf("%s max limit to request ratio per %s is %s, but no limit is specified or limit is 0", name, of, maximum.String())}
	}
	ratio := float64(limit.MilliValue()) / float64(request.MilliValue())
	if limit.Value() > resource.MaxMilliValue || request.Value() > resource.MaxMilliValue {
		ratio = float64(limit.Value()) / float64(request.Value())
	}
	if ratio*1000 > float64(maximum.MilliValue()) {
		return []error{fmt.Errorf("%s max limit to request ratio per %s is %s, but provided ratio is %f", name, of, maximum.String(), ratio)}
	}
	return nil
}
