package wire_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/cache"
)

func configMap(name string, data ...string) *corev1.ConfigMap {
	cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default"}, Data: map[string]string{}}
	for i := 0; i < len(data); i += 2 {
		cm.Data[data[i]] = data[i+1]
	}
	return cm
}

// TestTypedClient does the same in each form that a body can have.
func TestTypedClient(t *testing.T) {
	for _, contentType := range []string{runtime.ContentTypeJSON, runtime.ContentTypeProtobuf} {
		t.Run(contentType, func(t *testing.T) {
			w := newWorld(t)
			config := w.config()
			config.ContentType = contentType
			client := kubernetes.NewForConfigOrDie(config)
			maps := client.CoreV1().ConfigMaps("default")
			ctx := t.Context()

			created, err := maps.Create(ctx, configMap("a", "x", "1"), metav1.CreateOptions{})
			require.NoError(t, err)
			require.NotEmpty(t, created.UID)
			created.Data["x"] = "2"
			updated, err := maps.Update(ctx, created, metav1.UpdateOptions{})
			require.NoError(t, err)
			_, err = maps.Update(ctx, created, metav1.UpdateOptions{})
			require.True(t, apierrors.IsConflict(err), "%v", err)

			got, err := maps.Get(ctx, "a", metav1.GetOptions{})
			require.NoError(t, err)
			require.Equal(t, updated, got)
			list, err := maps.List(ctx, metav1.ListOptions{})
			require.NoError(t, err)
			require.Equal(t, []corev1.ConfigMap{*got}, list.Items)

			_, err = maps.Patch(ctx, "a", types.StrategicMergePatchType, []byte(`{"data":{"y":"3"}}`), metav1.PatchOptions{})
			require.NoError(t, err)
			require.NoError(t, maps.Delete(ctx, "a", metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(got.UID))}))
			_, err = maps.Get(ctx, "a", metav1.GetOptions{})
			require.True(t, apierrors.IsNotFound(err), "%v", err)
			require.NoError(t, maps.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "a=b"}))
		})
	}
}

func TestScaleClient(t *testing.T) {
	w := newWorld(t)
	deployments := kubernetes.NewForConfigOrDie(w.config()).AppsV1().Deployments("default")
	labels := map[string]string{"app": "web"}
	_, err := deployments.Create(t.Context(), &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "nginx"}}},
			},
		},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	scale, err := deployments.GetScale(t.Context(), "web", metav1.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, autoscalingv1.ScaleSpec{Replicas: 1}, scale.Spec)
	require.Equal(t, "app=web", scale.Status.Selector)
	scale.Spec.Replicas = 3
	scale, err = deployments.UpdateScale(t.Context(), "web", scale, metav1.UpdateOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 3, scale.Spec.Replicas)
}

func TestPages(t *testing.T) {
	w := newWorld(t)
	maps := kubernetes.NewForConfigOrDie(w.config()).CoreV1().ConfigMaps("default")
	for _, name := range []string{"a", "b", "c"} {
		_, err := maps.Create(t.Context(), configMap(name), metav1.CreateOptions{})
		require.NoError(t, err)
	}
	first, err := maps.List(t.Context(), metav1.ListOptions{Limit: 2})
	require.NoError(t, err)
	require.Len(t, first.Items, 2)
	require.EqualValues(t, 1, *first.RemainingItemCount)
	rest, err := maps.List(t.Context(), metav1.ListOptions{Limit: 2, Continue: first.Continue})
	require.NoError(t, err)
	require.Len(t, rest.Items, 1)
	require.Equal(t, first.ResourceVersion, rest.ResourceVersion)
	require.Empty(t, rest.Continue)
}

func TestDiscoveryClient(t *testing.T) {
	w := newWorld(t)
	client := discovery.NewDiscoveryClientForConfigOrDie(w.config())
	for name, c := range map[string]discovery.DiscoveryInterface{"aggregated": client, "legacy": client.WithLegacy()} {
		t.Run(name, func(t *testing.T) {
			groups, err := restmapper.GetAPIGroupResources(c)
			require.NoError(t, err)
			mapper := restmapper.NewDiscoveryRESTMapper(groups)
			gvk, err := mapper.KindFor(schema.GroupVersionResource{Resource: "deployments"})
			require.NoError(t, err)
			require.Equal(t, appsv1.SchemeGroupVersion.WithKind("Deployment"), gvk)
			gvk, err = mapper.KindFor(schema.GroupVersionResource{Resource: "event"})
			require.NoError(t, err)
			require.Equal(t, corev1.SchemeGroupVersion.WithKind("Event"), gvk, "the core group comes first")
		})
	}
	version, err := client.ServerVersion()
	require.NoError(t, err)
	require.Equal(t, "v1.37.2+minik8s", version.GitVersion)
	document, err := client.OpenAPISchema()
	require.NoError(t, err)
	require.NotEmpty(t, document.GetDefinitions().GetAdditionalProperties())
	paths, err := client.OpenAPIV3().Paths()
	require.NoError(t, err)
	_, err = paths["apis/apps/v1"].Schema(runtime.ContentTypeJSON)
	require.NoError(t, err)
}

func TestDynamicAndMetadataClients(t *testing.T) {
	w := newWorld(t)
	gvr := corev1.SchemeGroupVersion.WithResource("configmaps")
	objects := dynamic.NewForConfigOrDie(w.config()).Resource(gvr).Namespace("default")
	_, err := objects.Create(t.Context(), &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a", "labels": map[string]any{"x": "y"}},
	}}, metav1.CreateOptions{})
	require.NoError(t, err)
	list, err := objects.List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1)

	partials, err := metadata.NewForConfigOrDie(w.config()).Resource(gvr).Namespace("default").List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Len(t, partials.Items, 1)
	require.Equal(t, map[string]string{"x": "y"}, partials.Items[0].Labels)
	require.Equal(t, list.GetResourceVersion(), partials.ResourceVersion)
}

// TestInformers keeps caches of the same objects over all ways to list and
// watch, while the objects change.
func TestInformers(t *testing.T) {
	w := newWorld(t)
	client := kubernetes.NewForConfigOrDie(w.config())
	protobuf := w.config()
	protobuf.ContentType = runtime.ContentTypeProtobuf
	ctx, stop := context.WithCancel(t.Context())
	defer stop()

	stores := map[string]cache.Store{}
	for name, c := range map[string]kubernetes.Interface{"JSON": client, "protobuf": kubernetes.NewForConfigOrDie(protobuf)} {
		factory := informers.NewSharedInformerFactoryWithOptions(c, 0, informers.WithNamespace("default"))
		informer := factory.Core().V1().ConfigMaps().Informer()
		factory.Start(ctx.Done())
		require.True(t, cache.WaitForCacheSync(ctx.Done(), informer.HasSynced))
		stores[name] = informer.GetStore()
	}
	maps := client.CoreV1().ConfigMaps("default")
	for i, name := range []string{"a", "b", "c", "d"} {
		_, err := maps.Create(ctx, configMap(name), metav1.CreateOptions{})
		require.NoError(t, err)
		if i%2 == 0 {
			_, err = maps.Update(ctx, configMap(name, "k", "v"), metav1.UpdateOptions{})
			require.NoError(t, err)
		}
	}
	require.NoError(t, maps.Delete(ctx, "b", metav1.DeleteOptions{}))

	want, err := maps.List(ctx, metav1.ListOptions{})
	require.NoError(t, err)
	for name, store := range stores {
		cached := func() []corev1.ConfigMap {
			var items []corev1.ConfigMap
			for _, item := range want.Items {
				if obj, ok, _ := store.GetByKey("default/" + item.Name); ok {
					items = append(items, *obj.(*corev1.ConfigMap))
				}
			}
			return items
		}
		upToDate := func() bool { return len(store.List()) == len(want.Items) && len(cached()) == len(want.Items) }
		require.Eventually(t, upToDate, 5*time.Second, time.Millisecond, name)
		require.Equal(t, want.Items, cached(), name)
	}
}
