package admission

import (
	"fmt"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	psaapi "k8s.io/pod-security-admission/api"
	psa "k8s.io/pod-security-admission/policy"
)

// podSecurity holds pods to the Pod Security Standard that the labels of their
// namespace name, and warns about workloads whose pods would not keep it.
//
// Upstream: plugin/pkg/admission/security/podsecurity and k8s.io/pod-security-admission/admission, whose checks are called; without exemptions, which need a configuration file.
func podSecurity() Plugin {
	// Made when a namespace first asks for it: it takes longer than all else
	// that a door is made of.
	checks := sync.OnceValue(func() psa.Evaluator {
		evaluator, err := psa.NewEvaluator(psa.DefaultChecks(), nil)
		if err != nil {
			panic(err) // upstream's own checks are not valid
		}
		return evaluator
	})
	return Plugin{
		Name: "PodSecurity",
		For:  append([]schema.GroupResource{pods, namespaces}, workloads...),
		Validate: func(a *Attributes) error {
			if a.Operation != Create && a.Operation != Update {
				return nil
			}
			switch obj := a.Object.(type) {
			case *corev1.Namespace:
				return a.checkPolicyLabels(checks, obj)
			case *corev1.Pod:
				return a.checkPodSecurity(checks, obj)
			}
			if a.Subresource == "" {
				a.warnOfTemplate(checks)
			}
			return nil
		},
	}
}

// workloads have a template for pods.
var workloads = []schema.GroupResource{
	{Resource: "replicationcontrollers"},
	{Resource: "podtemplates"},
	{Group: "apps", Resource: "replicasets"},
	{Group: "apps", Resource: "deployments"},
	{Group: "apps", Resource: "statefulsets"},
	{Group: "apps", Resource: "daemonsets"},
	{Group: "batch", Resource: "jobs"},
	{Group: "batch", Resource: "cronjobs"},
}

// templateOf is nil for what has no template for pods.
func templateOf(obj runtime.Object) *corev1.PodTemplateSpec {
	switch o := obj.(type) {
	case *corev1.PodTemplate:
		return &o.Template
	case *corev1.ReplicationController:
		return o.Spec.Template
	case *appsv1.ReplicaSet:
		return &o.Spec.Template
	case *appsv1.Deployment:
		return &o.Spec.Template
	case *appsv1.DaemonSet:
		return &o.Spec.Template
	case *appsv1.StatefulSet:
		return &o.Spec.Template
	case *batchv1.Job:
		return &o.Spec.Template
	case *batchv1.CronJob:
		return &o.Spec.JobTemplate.Spec.Template
	}
	return nil
}

// unrestricted is the policy of namespaces that have no labels about it.
var unrestricted = psaapi.Policy{
	Enforce: psaapi.LevelVersion{Level: psaapi.LevelPrivileged, Version: psaapi.LatestVersion()},
	Audit:   psaapi.LevelVersion{Level: psaapi.LevelPrivileged, Version: psaapi.LatestVersion()},
	Warn:    psaapi.LevelVersion{Level: psaapi.LevelPrivileged, Version: psaapi.LatestVersion()},
}

// policy is that of the request's namespace. A label that cannot be read
// counts as the strictest level; the audit log is told of it.
func (a *Attributes) policy() psaapi.Policy {
	ns, ok := a.Get(namespaces, "", a.Namespace).(*corev1.Namespace)
	if !ok {
		return unrestricted
	}
	policy, errs := psaapi.PolicyToEvaluate(ns.Labels, unrestricted)
	if len(errs) > 0 {
		a.Annotate(psaapi.AuditAnnotationPrefix+"error", fmt.Sprintf("Failed to parse policy: %v", errs.ToAggregate()))
	}
	return policy
}

// enforcedPolicy is the key of the annotation that says which level a Pod was
// held to.
const enforcedPolicy = psaapi.AuditAnnotationPrefix + psaapi.EnforcedPolicyAnnotationKey

// checkPodSecurity refuses a pod that breaks the policy's enforced level, and
// warns of one that breaks the level for warnings.
func (a *Attributes) checkPodSecurity(checks func() psa.Evaluator, pod *corev1.Pod) error {
	switch a.Subresource {
	case "", "ephemeralcontainers", "resize":
	default:
		return nil
	}
	policy := a.policy()
	if policy.FullyPrivileged() {
		a.Annotate(enforcedPolicy, "privileged:latest")
		return nil
	}
	if old, ok := a.OldObject.(*corev1.Pod); ok && !imagesChange(pod, old) {
		return nil
	}
	a.Annotate(enforcedPolicy, policy.Enforce.String())
	result := psa.AggregateCheckResults(checks().EvaluatePod(policy.Enforce, &pod.ObjectMeta, &pod.Spec))
	a.auditPod(checks, policy, &pod.ObjectMeta, &pod.Spec)
	if !result.Allowed {
		return a.Forbidden(fmt.Errorf("violates PodSecurity %q: %s", policy.Enforce.String(), result.ForbiddenDetail()))
	}
	a.warnOfPod(checks, policy, &pod.ObjectMeta, &pod.Spec)
	return nil
}

func (a *Attributes) warnOfTemplate(checks func() psa.Evaluator) {
	policy, template := a.policy(), templateOf(a.Object)
	if template != nil {
		a.auditPod(checks, policy, &template.ObjectMeta, &template.Spec)
		a.warnOfPod(checks, policy, &template.ObjectMeta, &template.Spec)
	}
}

// auditPod tells the audit log of a pod that breaks the level for it.
func (a *Attributes) auditPod(checks func() psa.Evaluator, policy psaapi.Policy, meta *metav1.ObjectMeta, spec *corev1.PodSpec) {
	if why := breach(checks, policy.Audit, meta, spec); why != "" {
		a.Annotate(psaapi.AuditAnnotationPrefix+psaapi.AuditViolationsAnnotationKey, why)
	}
}

func (a *Attributes) warnOfPod(checks func() psa.Evaluator, policy psaapi.Policy, meta *metav1.ObjectMeta, spec *corev1.PodSpec) {
	if why := breach(checks, policy.Warn, meta, spec); why != "" {
		a.Warn(why)
	}
}

// breach is how a pod breaks a level, or empty.
func breach(checks func() psa.Evaluator, level psaapi.LevelVersion, meta *metav1.ObjectMeta, spec *corev1.PodSpec) string {
	if level.Level == psaapi.LevelPrivileged {
		return ""
	}
	result := psa.AggregateCheckResults(checks().EvaluatePod(level, meta, spec))
	if result.Allowed {
		return ""
	}
	return fmt.Sprintf("would violate PodSecurity %q: %s", level.String(), result.ForbiddenDetail())
}

// imagesChange: of what an update may change in a pod, only images and new
// containers matter.
func imagesChange(pod, old *corev1.Pod) bool {
	return imagesOfChange(pod.Spec.Containers, old.Spec.Containers) ||
		imagesOfChange(pod.Spec.InitContainers, old.Spec.InitContainers) ||
		imagesOfChange(ephemeral(pod), ephemeral(old))
}

func imagesOfChange(containers, old []corev1.Container) bool {
	if len(containers) != len(old) {
		return true
	}
	for i := range containers {
		if containers[i].Image != old[i].Image {
			return true
		}
	}
	return false
}

func ephemeral(pod *corev1.Pod) []corev1.Container {
	containers := make([]corev1.Container, len(pod.Spec.EphemeralContainers))
	for i := range containers {
		containers[i].Image = pod.Spec.EphemeralContainers[i].Image
	}
	return containers
}
