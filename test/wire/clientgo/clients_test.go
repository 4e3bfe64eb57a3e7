package clientgo

import (
	"testing"

	"github.com/stretchr/testify/require"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/scale"

	"github.com/minik8s/minik8s/test/wire/cluster"
)

var (
	configMaps  = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
	deployments = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
)

// TestTypedClientInProtobuf writes, reads and watches in protobuf.
func TestTypedClientInProtobuf(t *testing.T) {
	config := config(t)
	config.ContentType = runtime.ContentTypeProtobuf
	config.AcceptContentTypes = runtime.ContentTypeProtobuf // nothing else will do
	maps := kubernetes.NewForConfigOrDie(config).CoreV1().ConfigMaps(cluster.Namespace(t, config))
	made, err := maps.Create(t.Context(), configMap("a", map[string]string{"k": "v"}), metav1.CreateOptions{})
	require.NoError(t, err)
	events, err := maps.Watch(t.Context(), metav1.SingleObject(made.ObjectMeta))
	require.NoError(t, err)
	defer events.Stop()
	require.NoError(t, maps.Delete(t.Context(), "a", metav1.DeleteOptions{}))
	event := <-events.ResultChan()
	require.Equal(t, watch.Deleted, event.Type)
	require.Equal(t, made.UID, event.Object.(metav1.Object).GetUID())
}

// TestDynamicClient goes through an object's life without its type.
func TestDynamicClient(t *testing.T) {
	config := config(t)
	ns := cluster.Namespace(t, config)
	maps := dynamic.NewForConfigOrDie(config).Resource(configMaps).Namespace(ns)
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a"}, "data": map[string]any{"k": "v"},
	}}
	made, err := maps.Create(t.Context(), object, metav1.CreateOptions{})
	require.NoError(t, err)
	require.Equal(t, "ConfigMap", made.GetKind())
	_, err = maps.Patch(t.Context(), "a", types.JSONPatchType,
		[]byte(`[{"op":"test","path":"/data/k","value":"v"},{"op":"replace","path":"/data/k","value":"w"}]`), metav1.PatchOptions{})
	require.NoError(t, err)
	_, err = maps.Patch(t.Context(), "a", types.JSONPatchType, []byte(`[{"op":"test","path":"/data/k","value":"v"}]`), metav1.PatchOptions{})
	require.True(t, apierrors.IsInvalid(err), "%v", err)
	object.Object["data"] = map[string]any{"k": "applied"}
	applied, err := maps.Apply(t.Context(), "a", object, metav1.ApplyOptions{FieldManager: "wire", Force: true})
	require.NoError(t, err)
	value, _, err := unstructured.NestedString(applied.Object, "data", "k")
	require.NoError(t, err)
	require.Equal(t, "applied", value)
	require.NoError(t, maps.DeleteCollection(t.Context(), metav1.DeleteOptions{}, metav1.ListOptions{FieldSelector: "metadata.name=a"}))
}

// TestMetadataClient sees objects as their metadata, also in a watch.
func TestMetadataClient(t *testing.T) {
	config := config(t)
	ns := cluster.Namespace(t, config)
	_, err := kubernetes.NewForConfigOrDie(config).CoreV1().ConfigMaps(ns).
		Create(t.Context(), configMap("a", map[string]string{"k": "v"}), metav1.CreateOptions{})
	require.NoError(t, err)
	maps := metadata.NewForConfigOrDie(config).Resource(configMaps).Namespace(ns)
	got, err := maps.Get(t.Context(), "a", metav1.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, "a", got.Name)
	events, err := maps.Watch(t.Context(), metav1.ListOptions{ResourceVersion: got.ResourceVersion})
	require.NoError(t, err)
	defer events.Stop()
	_, err = maps.Patch(t.Context(), "a", types.MergePatchType, []byte(`{"metadata":{"labels":{"l":"1"}}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	event := <-events.ResultChan()
	require.Equal(t, watch.Modified, event.Type)
	require.Equal(t, "1", event.Object.(*metav1.PartialObjectMetadata).Labels["l"])
}

// TestScaleClient scales what has a scale, whatever its kind.
func TestScaleClient(t *testing.T) {
	config := config(t)
	ns := cluster.Namespace(t, config)
	client := kubernetes.NewForConfigOrDie(config)
	_, err := client.AppsV1().Deployments(ns).Apply(t.Context(), deployment("web", ns, "nginx", 1), metav1.ApplyOptions{FieldManager: "wire"})
	require.NoError(t, err)
	cached := memory.NewMemCacheClient(discovery.NewDiscoveryClientForConfigOrDie(config))
	resolver := scale.NewDiscoveryScaleKindResolver(cached)
	scales, err := scale.NewForConfig(config, restmapper.NewDeferredDiscoveryRESTMapper(cached), dynamic.LegacyAPIPathResolverFunc, resolver)
	require.NoError(t, err)

	kind, err := resolver.ScaleForResource(deployments)
	require.NoError(t, err)
	require.Equal(t, autoscalingv1.SchemeGroupVersion.WithKind("Scale"), kind)
	current, err := scales.Scales(ns).Get(t.Context(), deployments.GroupResource(), "web", metav1.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, "app=web", current.Status.Selector)
	current.Spec.Replicas = 3
	_, err = scales.Scales(ns).Update(t.Context(), deployments.GroupResource(), current, metav1.UpdateOptions{})
	require.NoError(t, err)
	eventually(t, func() bool {
		scaled, err := scales.Scales(ns).Get(t.Context(), deployments.GroupResource(), "web", metav1.GetOptions{})
		return err == nil && scaled.Status.Replicas == 3
	}, "three replicas")
}
