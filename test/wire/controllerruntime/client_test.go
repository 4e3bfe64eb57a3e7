package controllerruntime

import (
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	coreapply "k8s.io/client-go/applyconfigurations/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
)

// TestEachFormOfAnObject goes through one life as a struct, as a map and, as
// far as that goes, as metadata alone.
func TestEachFormOfAnObject(t *testing.T) {
	c, ns := newClient(t)
	gvk := corev1.SchemeGroupVersion.WithKind("ConfigMap")
	untyped := func(name string) *unstructured.Unstructured {
		u := &unstructured.Unstructured{}
		u.SetGroupVersionKind(gvk)
		u.SetNamespace(ns)
		u.SetName(name)
		return u
	}
	for name, object := range map[string]client.Object{"typed": configMap(ns, "typed"), "untyped": untyped("untyped")} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, c.Create(t.Context(), object))
			require.NotEmpty(t, object.GetUID())
			stale := object.DeepCopyObject().(client.Object)
			object.SetLabels(map[string]string{"l": "1"})
			require.NoError(t, c.Update(t.Context(), object))
			require.True(t, apierrors.IsConflict(c.Update(t.Context(), withLabel(stale, "l", "2"))))

			before := object.DeepCopyObject().(client.Object)
			require.NoError(t, c.Patch(t.Context(), withLabel(object, "m", "1"), client.MergeFrom(before)))
			locked := client.MergeFromWithOptions(stale, client.MergeFromWithOptimisticLock{})
			changed := withLabel(stale.DeepCopyObject().(client.Object), "n", "1")
			require.True(t, apierrors.IsConflict(c.Patch(t.Context(), changed, locked)))

			partial := &metav1.PartialObjectMetadata{}
			partial.SetGroupVersionKind(gvk)
			require.NoError(t, c.Get(t.Context(), client.ObjectKeyFromObject(object), partial))
			require.Equal(t, map[string]string{"l": "1", "m": "1"}, partial.Labels)
			base := partial.DeepCopy()
			partial.Annotations = map[string]string{"a": "1"}
			require.NoError(t, c.Patch(t.Context(), partial, client.MergeFrom(base)))
			require.NoError(t, c.Get(t.Context(), client.ObjectKeyFromObject(object), object))
			require.Equal(t, "1", object.GetAnnotations()["a"])

			require.NoError(t, c.Delete(t.Context(), partial, client.Preconditions{UID: new(partial.UID)}))
			require.True(t, apierrors.IsNotFound(c.Get(t.Context(), client.ObjectKeyFromObject(object), object)))
		})
	}
}

func withLabel(o client.Object, key, value string) client.Object {
	labels := map[string]string{key: value}
	for k, v := range o.GetLabels() {
		labels[k] = v
	}
	labels[key] = value
	o.SetLabels(labels)
	return o
}

func TestSubresources(t *testing.T) {
	c, ns := newClient(t)
	labels := map[string]string{"app": "web"}
	d := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "web"},
		Spec: appsv1.DeploymentSpec{Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: corev1.PodTemplateSpec{
			ObjectMeta: metav1.ObjectMeta{Labels: labels},
			Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "nginx"}}},
		}},
	}
	require.NoError(t, c.Create(t.Context(), d))

	before := d.DeepCopy()
	d.Status.CollisionCount = new(int32(7))
	d.Spec.Paused = true // is not written with the status
	require.NoError(t, c.Status().Patch(t.Context(), d, client.MergeFrom(before)))
	require.NoError(t, c.Get(t.Context(), client.ObjectKeyFromObject(d), d))
	require.EqualValues(t, 7, *d.Status.CollisionCount)
	require.False(t, d.Spec.Paused)

	scale := &autoscalingv1.Scale{}
	require.NoError(t, c.SubResource("scale").Get(t.Context(), d, scale))
	require.EqualValues(t, 1, scale.Spec.Replicas)
	scale.Spec.Replicas = 2
	require.NoError(t, c.SubResource("scale").Update(t.Context(), d, client.WithSubResourceBody(scale)))
	require.NoError(t, c.Get(t.Context(), client.ObjectKeyFromObject(d), d))
	require.EqualValues(t, 2, *d.Spec.Replicas)
}

func TestApply(t *testing.T) {
	c, ns := newClient(t)
	object := coreapply.ConfigMap("a", ns).WithData(map[string]string{"k": "mine"})
	require.NoError(t, c.Apply(t.Context(), object, client.FieldOwner("mine")))
	require.NotEmpty(t, object.UID)

	theirs := coreapply.ConfigMap("a", ns).WithData(map[string]string{"k": "theirs"})
	require.True(t, apierrors.IsConflict(c.Apply(t.Context(), theirs, client.FieldOwner("theirs"))))
	require.NoError(t, c.Apply(t.Context(), theirs, client.FieldOwner("theirs"), client.ForceOwnership))

	stored := &corev1.ConfigMap{}
	require.NoError(t, c.Get(t.Context(), types.NamespacedName{Namespace: ns, Name: "a"}, stored))
	require.Equal(t, "theirs", stored.Data["k"])
	mine, err := coreapply.ExtractConfigMap(stored, "mine")
	require.NoError(t, err)
	require.Empty(t, mine.Data)
}

func TestListsAndDeleteAllOf(t *testing.T) {
	c, ns := newClient(t)
	for _, name := range []string{"a", "b", "c"} {
		require.NoError(t, c.Create(t.Context(), configMap(ns, name, "set", "x", "name", name)))
	}
	names := func(options ...client.ListOption) []string {
		list := &corev1.ConfigMapList{}
		require.NoError(t, c.List(t.Context(), list, append(options, client.InNamespace(ns))...))
		var names []string
		for i := range list.Items {
			names = append(names, list.Items[i].Name)
		}
		return names
	}
	require.Equal(t, []string{"a", "b", "c"}, names(client.MatchingLabels{"set": "x"}))
	require.Equal(t, []string{"b"}, names(client.MatchingFields{"metadata.name": "b"}))
	require.Equal(t, []string{"a"}, names(client.HasLabels{"set"}, client.Limit(1)))

	page := &metav1.PartialObjectMetadataList{}
	page.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("ConfigMapList"))
	require.NoError(t, c.List(t.Context(), page, client.InNamespace(ns), client.HasLabels{"set"}, client.Limit(2)))
	require.Len(t, page.Items, 2)
	require.Equal(t, []string{"c"}, names(client.HasLabels{"set"}, client.Limit(2), client.Continue(page.Continue)))

	require.NoError(t, c.DeleteAllOf(t.Context(), &corev1.ConfigMap{}, client.InNamespace(ns), client.MatchingLabels{"name": "b"}))
	require.Equal(t, []string{"a", "c"}, names(client.HasLabels{"set"}))
}

func TestDryRunAndFieldValidation(t *testing.T) {
	c, ns := newClient(t)
	object := configMap(ns, "a")
	require.NoError(t, client.NewDryRunClient(c).Create(t.Context(), object))
	require.True(t, apierrors.IsNotFound(c.Get(t.Context(), client.ObjectKeyFromObject(object), object)))

	odd := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "colour": "blue", "metadata": map[string]any{"namespace": ns, "name": "odd"},
	}}
	strict := client.WithFieldValidation(c, metav1.FieldValidationStrict)
	require.ErrorContains(t, strict.Create(t.Context(), odd), `strict decoding error: unknown field "colour"`)
}

func TestCreateOrUpdate(t *testing.T) {
	c, ns := newClient(t)
	for _, want := range []controllerutil.OperationResult{controllerutil.OperationResultCreated, controllerutil.OperationResultNone} {
		object := configMap(ns, "a")
		result, err := controllerutil.CreateOrUpdate(t.Context(), c, object, func() error {
			object.Data = map[string]string{"k": "v"}
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, want, result)
	}
}
