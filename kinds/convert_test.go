package kinds_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/kinds"
)

func TestEventsAreServedInTwoGroups(t *testing.T) {
	stored := &corev1.Event{
		ObjectMeta:     metav1.ObjectMeta{Name: "web.1", Namespace: "default"},
		InvolvedObject: corev1.ObjectReference{Kind: "Pod", Name: "web"},
		Message:        "Started container web",
		Source:         corev1.EventSource{Component: "kubelet"},
		Count:          2,
	}
	out, err := kinds.Convert(stored, eventsv1.SchemeGroupVersion)
	require.NoError(t, err)
	served := out.(*eventsv1.Event)
	require.Equal(t, "events.k8s.io/v1", served.APIVersion)
	require.Equal(t, "Started container web", served.Note)
	require.Equal(t, "web", served.Regarding.Name)
	require.Equal(t, "kubelet", served.DeprecatedSource.Component)

	back, err := kinds.Convert(served, corev1.SchemeGroupVersion)
	require.NoError(t, err)
	back.(*corev1.Event).TypeMeta = metav1.TypeMeta{}
	require.Equal(t, stored, back)

	same, err := kinds.Convert(stored, corev1.SchemeGroupVersion)
	require.NoError(t, err)
	require.Same(t, stored, same)
}

func TestConvertRefusesWhatIsNotServed(t *testing.T) {
	_, err := kinds.Convert(&corev1.Pod{}, schema.GroupVersion{Group: "apps", Version: "v1"})
	require.ErrorContains(t, err, "converting Pod to apps/v1")
	_, err = kinds.Convert(&metav1.PartialObjectMetadata{}, corev1.SchemeGroupVersion)
	require.ErrorContains(t, err, "converting to v1")
}

func TestRegistryFindsKinds(t *testing.T) {
	registry := kinds.NewRegistry(kinds.All())
	pods, ok := registry.ByResource(schema.GroupResource{Resource: "pods"})
	require.True(t, ok)
	require.Equal(t, "Pod", pods.Kind)

	events, ok := registry.ByResource(schema.GroupResource{Group: "events.k8s.io", Resource: "events"})
	require.True(t, ok)
	require.Equal(t, schema.GroupResource{Resource: "events"}, events.GroupResource())
	byKind, ok := registry.ByKind(schema.GroupKind{Group: "events.k8s.io", Kind: "Event"})
	require.True(t, ok)
	require.Same(t, events, byKind)

	of, ok := registry.Of(&appsv1.Deployment{})
	require.True(t, ok)
	require.Equal(t, "deployments", of.Resource)

	_, ok = registry.ByResource(schema.GroupResource{Group: "apps", Resource: "pods"})
	require.False(t, ok)
	_, ok = registry.Of(&corev1.RangeAllocation{})
	require.False(t, ok)
}

func TestScaleIsNotNegative(t *testing.T) {
	old := &autoscalingv1.Scale{ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "default"}}
	scale := old.DeepCopy()
	scale.Spec.Replicas = 3
	require.Empty(t, kinds.ValidateScale(scale, old))
	scale.Spec.Replicas = -3
	errs := kinds.ValidateScale(scale, old)
	require.EqualError(t, errs.ToAggregate(), "spec.replicas: Invalid value: -3: must be greater than or equal to 0")
	require.Len(t, errs, 1)
}

func TestBindingNamesANode(t *testing.T) {
	binding := &corev1.Binding{Target: corev1.ObjectReference{Kind: "Node", Name: "node-1"}}
	require.Empty(t, kinds.ValidateBinding(binding))
	binding.Target = corev1.ObjectReference{Kind: "Pod"}
	require.EqualError(t, kinds.ValidateBinding(binding).ToAggregate(),
		`[target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>", target.name: Required value]`)
}

func TestUnreadableDeployment(t *testing.T) {
	k, _ := kinds.NewRegistry(kinds.All()).Of(&appsv1.Deployment{})
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{
		Name: "web", Namespace: "default", Annotations: map[string]string{appsv1.DeprecatedRollbackTo: "yesterday"},
	}}
	k.Default(d)
	k.PrepareCreate(d)
	require.ErrorContains(t, k.Validate(d).ToAggregate(), "failed to parse annotation[deprecated.deployment.rollback.to]=yesterday as int64")
	require.Empty(t, k.Warnings(d, nil))
}

func TestAutoscalersAreServedInTwoVersions(t *testing.T) {
	stored := &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "default"},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			MaxReplicas:    5,
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "web"},
			Metrics: []autoscalingv2.MetricSpec{
				{Type: autoscalingv2.ResourceMetricSourceType, Resource: &autoscalingv2.ResourceMetricSource{
					Name:   corev1.ResourceCPU,
					Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: ptr.To[int32](80)},
				}},
				{Type: autoscalingv2.ResourceMetricSourceType, Resource: &autoscalingv2.ResourceMetricSource{
					Name:   corev1.ResourceMemory,
					Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: ptr.To[int32](60)},
				}},
			},
		},
	}
	out, err := kinds.Convert(stored.DeepCopy(), autoscalingv1.SchemeGroupVersion)
	require.NoError(t, err)
	served := out.(*autoscalingv1.HorizontalPodAutoscaler)
	require.Equal(t, int32(80), *served.Spec.TargetCPUUtilizationPercentage)
	require.Contains(t, served.Annotations["autoscaling.alpha.kubernetes.io/metrics"], "memory")

	back, err := kinds.Convert(served, autoscalingv2.SchemeGroupVersion)
	require.NoError(t, err)
	hpa := back.(*autoscalingv2.HorizontalPodAutoscaler)
	require.ElementsMatch(t, stored.Spec.Metrics, hpa.Spec.Metrics)
	require.Empty(t, hpa.Annotations)
}
