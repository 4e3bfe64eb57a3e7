package kinds

import (
	"context"
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/fields"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	podapi "k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/core/helper/qos"
	corev1conv "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

// A Pod begins Pending, with the quality of service that its requests and
// limits give it. Of its spec little may change later.
//
// Upstream: pkg/registry/core/pod (strategy).
func pod() *Kind {
	pods := versions[corev1.Pod, core.Pod]{
		toInternal:   corev1conv.Convert_v1_Pod_To_core_Pod,
		fromInternal: corev1conv.Convert_core_Pod_To_v1_Pod,
	}
	return &Kind{
		GroupVersionKind: corev1.SchemeGroupVersion.WithKind("Pod"),
		Resource:         "pods",
		Singular:         "pod",
		ShortNames:       []string{"po"},
		Categories:       []string{"all"},
		Namespaced:       true,

		New:     func() Object { return &corev1.Pod{} },
		Default: pods.defaults,

		PrepareCreate: pods.prepareCreate(preparePod),
		PrepareUpdate: pods.prepareUpdate(func(p, old *core.Pod) {
			if p.Spec.Resources == nil && old.Spec.Resources != nil {
				p.Spec.Resources = old.Spec.Resources.DeepCopy() // a client that does not know the field has not cleared it
			}
			p.Status = core.PodStatus{} // so that nothing is dropped from the old one in place
			podapi.DropDisabledPodFields(p, old)
			p.Status = old.Status
			if !equality.Semantic.DeepEqual(p.Spec, old.Spec) {
				p.Generation = old.Generation + 1
			}
		}),
		Validate: pods.validate(func(p *core.Pod) field.ErrorList {
			return validation.ValidatePodCreate(p, podOptions(p, nil))
		}),
		ValidateUpdate: pods.validateUpdate(func(p, old *core.Pod) field.ErrorList {
			return validation.ValidatePodUpdate(p, old, podOptions(p, old))
		}),
		Warnings: pods.warnings(podWarnings),

		Status: &Subresource{
			ResetFields:   []string{"spec", "metadata.deletionTimestamp", "metadata.ownerReferences"},
			PrepareUpdate: preparePodStatus,
			ValidateUpdate: pods.validateStatus(func(p, old *core.Pod) field.ErrorList {
				return validation.ValidatePodStatusUpdate(p, old, podOptions(p, old))
			}, declaredPodStatus),
		},
		Others: append(podConnections(), []OtherSubresource{
			{Name: "binding", Kind: corev1.SchemeGroupVersion.WithKind("Binding"), Verbs: []string{"create"}},
			{Name: "ephemeralcontainers", Kind: corev1.SchemeGroupVersion.WithKind("Pod"), Verbs: []string{"get", "patch", "update"}, Strategy: ephemeralContainers(pods)},
			{Name: "resize", Kind: corev1.SchemeGroupVersion.WithKind("Pod"), Verbs: []string{"get", "patch", "update"}, Strategy: resize(pods)},
			{Name: "eviction", Kind: policyv1.SchemeGroupVersion.WithKind("Eviction"), Verbs: []string{"create"}, Accepts: []string{"v1beta1"}},
		}...),
		GracePeriod:              podGracePeriod,
		AllowUnconditionalUpdate: true,
		ReturnsDeleted:           true,

		Fields: podFields,
		FieldNames: []string{
			"spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
			"status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName",
		},
		IndexedField: "spec.nodeName",
		NodeName:     func(obj Object) string { return obj.(*corev1.Pod).Spec.NodeName },
	}
}

// preparePod makes a pod new.
//
// Upstream: pkg/registry/core/pod (PrepareForCreate), without copying the deprecated AppArmor annotations to fields.
func preparePod(p *core.Pod) {
	p.Generation = 1
	p.Status = core.PodStatus{Phase: core.PodPending}
	podapi.DropDisabledPodFields(p, nil)
	if len(p.Spec.SchedulingGates) > 0 {
		p.Status.Conditions = append(p.Status.Conditions, core.PodCondition{
			Type:               core.PodScheduled,
			Status:             core.ConditionFalse,
			LastTransitionTime: p.CreationTimestamp,
			Reason:             corev1.PodReasonSchedulingGated,
			Message:            "Scheduling is blocked due to non-empty scheduling gates",
		})
	}
	applyLabelKeys(p)
	podapi.DefaultPodLevelResources(p)
	p.Status.QOSClass = qos.GetPodQOS(p)
}

func podOptions(p, old *core.Pod) validation.PodValidationOptions {
	var options validation.PodValidationOptions
	if old == nil {
		options = podapi.GetValidationOptionsFromPodSpecAndMeta(&p.Spec, nil, &p.ObjectMeta, nil)
	} else {
		options = podapi.GetValidationOptionsFromPodSpecAndMeta(&p.Spec, &old.Spec, &p.ObjectMeta, &old.ObjectMeta)
	}
	options.ResourceIsPod = true
	return options
}

// podWarnings speaks only about new pods: nobody edits a pod by hand.
func podWarnings(p, old *core.Pod) []string {
	if old != nil {
		return nil
	}
	var warnings []string
	if problems := utilvalidation.IsDNS1123Label(p.Name); len(problems) > 0 {
		warnings = append(warnings, fmt.Sprintf("metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: %v", problems))
	}
	return append(warnings, podapi.GetWarningsForPod(context.Background(), p, nil)...)
}

// podGracePeriod is how long a kubelet has to stop the pod. There is nothing
// to wait for if no kubelet has it, or if its containers have ended.
func podGracePeriod(obj Object, asked *int64) int64 {
	p := obj.(*corev1.Pod)
	switch {
	case p.Spec.NodeName == "", p.Status.Phase == corev1.PodFailed, p.Status.Phase == corev1.PodSucceeded:
		return 0
	case asked == nil:
		asked = p.Spec.TerminationGracePeriodSeconds
	}
	switch {
	case asked == nil:
		return 0
	case *asked < 0:
		return 1
	}
	return *asked
}

func podFields(obj Object) fields.Set {
	p := obj.(*corev1.Pod)
	ip := ""
	if len(p.Status.PodIPs) > 0 {
		ip = p.Status.PodIPs[0].IP
	}
	return fields.Set{
		"spec.nodeName":            p.Spec.NodeName,
		"spec.restartPolicy":       string(p.Spec.RestartPolicy),
		"spec.schedulerName":       p.Spec.SchedulerName,
		"spec.serviceAccountName":  p.Spec.ServiceAccountName,
		"spec.hostNetwork":         strconv.FormatBool(p.Spec.HostNetwork),
		"status.phase":             string(p.Status.Phase),
		"status.podIP":             ip,
		"status.nominatedNodeName": p.Status.NominatedNodeName,
	}
}
