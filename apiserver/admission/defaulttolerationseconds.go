package admission

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"
)

// defaultTolerationSeconds is how long a pod stays on a node that is not
// ready or cannot be reached.
//
// Upstream: plugin/pkg/admission/defaulttolerationseconds.
func defaultTolerationSeconds() Plugin {
	return Plugin{Name: "DefaultTolerationSeconds", For: []schema.GroupResource{pods}, Admit: func(a *Attributes) error {
		if !a.isWrite() {
			return nil
		}
		pod := a.Object.(*corev1.Pod)
		for _, taint := range [...]string{corev1.TaintNodeNotReady, corev1.TaintNodeUnreachable} {
			if slices.ContainsFunc(pod.Spec.Tolerations, func(t corev1.Toleration) bool { return toleratesEviction(t, taint) }) {
				continue
			}
			// Clipped, because another pod may share the array behind the slice.
			pod.Spec.Tolerations = append(slices.Clip(pod.Spec.Tolerations), corev1.Toleration{
				Key:               taint,
				Operator:          corev1.TolerationOpExists,
				Effect:            corev1.TaintEffectNoExecute,
				TolerationSeconds: ptr.To[int64](300),
			})
		}
		return nil
	}}
}

func toleratesEviction(t corev1.Toleration, taint string) bool {
	return (t.Key == taint || t.Key == "") && (t.Effect == corev1.TaintEffectNoExecute || t.Effect == "")
}
