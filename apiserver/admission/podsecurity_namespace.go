package admission

import (
	"fmt"
	"reflect"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	psaapi "k8s.io/pod-security-admission/api"
	psa "k8s.io/pod-security-admission/policy"
)

// maxPodsToCheck is how many pods are looked at when a namespace becomes
// stricter.
const maxPodsToCheck = 3000

// checkPolicyLabels refuses labels of a namespace that name no level or
// version, and warns of the pods that break the level which is enforced from
// now on.
//
// Upstream: k8s.io/pod-security-admission/admission (ValidateNamespace), without a time limit for looking at pods.
func (a *Attributes) checkPolicyLabels(checks func() psa.Evaluator, ns *corev1.Namespace) error {
	if a.Subresource != "" {
		return nil
	}
	policy, errs := psaapi.PolicyToEvaluate(ns.Labels, unrestricted)
	old, ok := a.OldObject.(*corev1.Namespace)
	if !ok {
		if len(errs) > 0 {
			return apierrors.NewInvalid(a.Kind.GroupKind(), a.Name, errs)
		}
		return nil
	}
	oldPolicy, oldErrs := psaapi.PolicyToEvaluate(old.Labels, unrestricted)
	if len(errs) > 0 && !reflect.DeepEqual(errs, oldErrs) {
		return apierrors.NewInvalid(a.Kind.GroupKind(), a.Name, errs)
	}
	if becomesStricter(policy.Enforce, oldPolicy.Enforce) {
		a.warnOfPods(checks, ns.Name, policy.Enforce)
	}
	return nil
}

func becomesStricter(level, old psaapi.LevelVersion) bool {
	switch {
	case level == old, level.Level == psaapi.LevelPrivileged:
		return false
	case level.Version == old.Version:
		return psaapi.CompareLevels(level.Level, old.Level) > 0
	}
	return true
}

// violators are the pods that break a level in the same way.
type violators struct {
	reason string
	first  string // by name
	count  int
}

func (a *Attributes) warnOfPods(checks func() psa.Evaluator, namespace string, level psaapi.LevelVersion) {
	found := a.podsToCheck(namespace)
	total := len(found)
	if total > maxPodsToCheck {
		found = found[:maxPodsToCheck]
		a.Warn(fmt.Sprintf("new PodSecurity enforce level only checked against the first %d of %d existing pods", maxPodsToCheck, total))
	}
	var all []violators
	for _, pod := range found {
		result := psa.AggregateCheckResults(checks().EvaluatePod(level, &pod.ObjectMeta, &pod.Spec))
		if result.Allowed {
			continue
		}
		reason := result.ForbiddenReason()
		i := slices.IndexFunc(all, func(v violators) bool { return v.reason == reason })
		if i < 0 {
			i, all = len(all), append(all, violators{reason: reason, first: pod.Name})
		}
		all[i].first = min(all[i].first, pod.Name)
		all[i].count++
	}
	if len(all) == 0 {
		return
	}
	a.Warn(fmt.Sprintf("existing pods in namespace %q violate the new PodSecurity enforce level %q", namespace, level.String()))
	var texts []string
	for _, v := range all {
		texts = append(texts, v.String())
	}
	slices.Sort(texts)
	for _, text := range texts {
		a.Warn(text)
	}
}

func (v violators) String() string {
	switch v.count {
	case 1:
		return fmt.Sprintf("%s: %s", v.first, v.reason)
	case 2:
		return fmt.Sprintf("%s (and 1 other pod): %s", v.first, v.reason)
	}
	return fmt.Sprintf("%s (and %d other pods): %s", v.first, v.count-1, v.reason)
}

// podsToCheck puts one pod of each controller before its others.
func (a *Attributes) podsToCheck(namespace string) []*corev1.Pod {
	var first, rest []*corev1.Pod
	seen := map[types.UID]bool{}
	for obj := range a.List(pods, namespace) {
		pod := obj.(*corev1.Pod)
		owner := metav1.GetControllerOfNoCopy(pod)
		switch {
		case owner == nil:
			first = append(first, pod)
		case seen[owner.UID]:
			rest = append(rest, pod)
		default:
			seen[owner.UID] = true
			first = append(first, pod)
		}
	}
	return append(first, rest...)
}
