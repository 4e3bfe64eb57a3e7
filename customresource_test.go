package minik8s_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/store"
	"github.com/minik8s/minik8s/trace"
)

const cronTabs = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: crontabs.stable.example.com}
spec:
  group: stable.example.com
  scope: Namespaced
  names: {plural: crontabs, singular: crontab, kind: CronTab, shortNames: [ct]}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              image: {type: string, default: busybox}
              replicas: {type: integer}
`

var (
	ct  = schema.GroupVersionResource{Group: "stable.example.com", Version: "v1", Resource: "crontabs"}
	crd = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	ctx = context.Background()
)

// withCronTabs is a cluster in which the definition is established.
func withCronTabs(t *testing.T) (*minik8s.Cluster, dynamic.NamespaceableResourceInterface) {
	t.Helper()
	c := settled(t, minik8s.Options{Nodes: minik8s.NoNodes})
	c.Store().CheckImmutable()
	t.Cleanup(func() { require.NoError(t, c.Store().VerifyImmutable()) })
	apply(t, c, cronTabs)
	settle(t, c)
	return c, objectsOf(c)
}

func objectsOf(c *minik8s.Cluster) dynamic.NamespaceableResourceInterface {
	return dynamic.NewForConfigOrDie(c.RESTConfig()).Resource(ct)
}

func newCronTab(name string, owners ...metav1.OwnerReference) *unstructured.Unstructured {
	u := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"replicas": int64(1)}}}
	u.SetGroupVersionKind(ct.GroupVersion().WithKind("CronTab"))
	u.SetName(name)
	u.SetOwnerReferences(owners)
	return u
}

// A definition is served only in the worlds that have it: not before it was
// written, not after it is gone, and in each fork by itself.
func TestCustomResourcesBelongToTheirWorld(t *testing.T) {
	c, all := withCronTabs(t)
	one, err := all.Namespace("default").Create(ctx, newCronTab("one"), metav1.CreateOptions{})
	require.NoError(t, err)
	image, _, _ := unstructured.NestedString(one.Object, "spec", "image")
	require.Equal(t, "busybox", image)

	fork := c.Fork()
	definitions := dynamic.NewForConfigOrDie(fork.RESTConfig()).Resource(crd)
	require.NoError(t, definitions.Delete(ctx, "crontabs.stable.example.com", metav1.DeleteOptions{}))
	_, err = objectsOf(fork).Namespace("default").Create(ctx, newCronTab("two"), metav1.CreateOptions{})
	require.True(t, apierrors.IsForbidden(err), "%v", err)
	settle(t, fork)
	_, err = definitions.Get(ctx, "crontabs.stable.example.com", metav1.GetOptions{})
	require.True(t, apierrors.IsNotFound(err), "%v", err)
	_, err = objectsOf(fork).List(ctx, metav1.ListOptions{})
	require.True(t, apierrors.IsNotFound(err), "%v", err)
	require.Contains(t, err.Error(), "the server could not find the requested resource")
	_, _, ok := lastCronTab(fork)
	require.False(t, ok, "the objects went with the definition")

	_, err = all.Namespace("default").Get(ctx, "one", metav1.GetOptions{})
	require.NoError(t, err, "the fork's writes are its own")

	past, err := c.At(1)
	require.NoError(t, err)
	_, err = objectsOf(past).List(ctx, metav1.ListOptions{})
	require.True(t, apierrors.IsNotFound(err), "%v", err)
}

func lastCronTab(c *minik8s.Cluster) (reconcile.Object, int, bool) {
	all := viewOf(c).List(ct.GroupResource())
	if len(all) == 0 {
		return nil, 0, false
	}
	return all[len(all)-1], len(all), true
}

func TestCustomResourcesAreCollected(t *testing.T) {
	c, all := withCronTabs(t)
	maps := kubernetes.NewForConfigOrDie(c.RESTConfig()).CoreV1().ConfigMaps("default")
	owner, err := all.Namespace("default").Create(ctx, newCronTab("owner"), metav1.CreateOptions{})
	require.NoError(t, err)
	ref := metav1.OwnerReference{APIVersion: owner.GetAPIVersion(), Kind: owner.GetKind(), Name: "owner", UID: owner.GetUID()}
	_, err = all.Namespace("default").Create(ctx, newCronTab("owned", ref), metav1.CreateOptions{})
	require.NoError(t, err)
	_, err = maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "owned", OwnerReferences: []metav1.OwnerReference{ref}}}, metav1.CreateOptions{})
	require.NoError(t, err)
	orphan := ref
	orphan.UID = "of-something-else"
	_, err = all.Namespace("default").Create(ctx, newCronTab("dangling", orphan), metav1.CreateOptions{})
	require.NoError(t, err)
	settle(t, c)
	_, err = all.Namespace("default").Get(ctx, "dangling", metav1.GetOptions{})
	require.True(t, apierrors.IsNotFound(err), "%v", err)

	foreground := metav1.DeletePropagationForeground
	require.NoError(t, all.Namespace("default").Delete(ctx, "owner", metav1.DeleteOptions{PropagationPolicy: &foreground}))
	settle(t, c)
	_, _, ok := lastCronTab(c)
	require.False(t, ok)
	_, err = maps.Get(ctx, "owned", metav1.GetOptions{})
	require.True(t, apierrors.IsNotFound(err), "%v", err)
}

func TestOrphanedCustomResourcesStay(t *testing.T) {
	c, all := withCronTabs(t)
	owner, err := all.Namespace("default").Create(ctx, newCronTab("owner"), metav1.CreateOptions{})
	require.NoError(t, err)
	ref := metav1.OwnerReference{APIVersion: owner.GetAPIVersion(), Kind: owner.GetKind(), Name: "owner", UID: owner.GetUID()}
	_, err = all.Namespace("default").Create(ctx, newCronTab("owned", ref), metav1.CreateOptions{})
	require.NoError(t, err)
	policy := metav1.DeletePropagationOrphan
	require.NoError(t, all.Namespace("default").Delete(ctx, "owner", metav1.DeleteOptions{PropagationPolicy: &policy}))
	settle(t, c)
	left, count, ok := lastCronTab(c)
	require.True(t, ok)
	require.Equal(t, 1, count)
	require.Empty(t, left.GetOwnerReferences())
}

func TestNamespacesTakeTheirCustomResources(t *testing.T) {
	c, all := withCronTabs(t)
	apply(t, c, "{apiVersion: v1, kind: Namespace, metadata: {name: dev}}")
	held := newCronTab("held")
	held.SetFinalizers([]string{"example.com/hold"})
	_, err := all.Namespace("dev").Create(ctx, held, metav1.CreateOptions{})
	require.NoError(t, err)
	remove(t, c, reconcile.Namespaces.GroupResource, "", "dev")
	settle(t, c)
	ns, ok := reconcile.Namespaces.Get(viewOf(c), reconcile.Key{Name: "dev"})
	require.True(t, ok)
	var texts []string
	for _, condition := range ns.Status.Conditions {
		texts = append(texts, condition.Message)
	}
	require.Contains(t, texts, "Some resources are remaining: crontabs.stable.example.com has 1 resource instances")
	_, err = all.Namespace("dev").Patch(ctx, "held", types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	settle(t, c)
	_, ok = reconcile.Namespaces.Get(viewOf(c), reconcile.Key{Name: "dev"})
	require.False(t, ok)
}

// What custom resources use of a quota is given back when they go.
func TestQuotasCountCustomResources(t *testing.T) {
	c, all := withCronTabs(t)
	apply(t, c, "{apiVersion: v1, kind: ResourceQuota, metadata: {name: few, namespace: default}, spec: {hard: {count/crontabs.stable.example.com: 1}}}")
	settle(t, c)
	used := func() string {
		quota, ok := reconcile.ResourceQuotas.Get(viewOf(c), reconcile.Key{Namespace: "default", Name: "few"})
		require.True(t, ok)
		amount := quota.Status.Used["count/crontabs.stable.example.com"]
		return amount.String()
	}
	_, err := all.Namespace("default").Create(ctx, newCronTab("a"), metav1.CreateOptions{})
	require.NoError(t, err)
	_, err = all.Namespace("default").Create(ctx, newCronTab("b"), metav1.CreateOptions{})
	require.ErrorContains(t, err, "exceeded quota: few")
	require.Equal(t, "1", used())
	require.NoError(t, all.Namespace("default").Delete(ctx, "a", metav1.DeleteOptions{}))
	settle(t, c)
	require.Equal(t, "0", used())
}

// A finalizer on an object keeps its definition, which says so after a minute.
func TestDefinitionWaitsForItsObjects(t *testing.T) {
	c, all := withCronTabs(t)
	held := newCronTab("held")
	held.SetFinalizers([]string{"example.com/hold"})
	_, err := all.Namespace("default").Create(ctx, held, metav1.CreateOptions{})
	require.NoError(t, err)
	remove(t, c, crd.GroupResource(), "", "crontabs.stable.example.com")
	settle(t, c)
	require.Equal(t, "InstanceDeletionInProgress", terminatingReason(t, c))
	_, err = c.Advance(2 * time.Minute)
	require.NoError(t, err)
	require.Equal(t, "InstanceDeletionCheck", terminatingReason(t, c))
	_, err = all.Namespace("default").Patch(ctx, "held", types.JSONPatchType, []byte(`[{"op":"remove","path":"/metadata/finalizers"}]`), metav1.PatchOptions{})
	require.NoError(t, err)
	settle(t, c)
	_, ok := reconcile.CustomResourceDefinitions.Get(viewOf(c), reconcile.Key{Name: "crontabs.stable.example.com"})
	require.False(t, ok)
}

func terminatingReason(t *testing.T, c *minik8s.Cluster) string {
	t.Helper()
	crd, ok := reconcile.CustomResourceDefinitions.Get(viewOf(c), reconcile.Key{Name: "crontabs.stable.example.com"})
	require.True(t, ok)
	for _, condition := range crd.Status.Conditions {
		if condition.Type == "Terminating" {
			return condition.Reason
		}
	}
	return ""
}

// A watch of custom resources ends when their definition changes, after all
// that happened before.
func TestWatchEndsWithTheDefinition(t *testing.T) {
	c, all := withCronTabs(t)
	w, err := all.Watch(ctx, metav1.ListOptions{})
	require.NoError(t, err)
	defer w.Stop()
	_, err = all.Namespace("default").Create(ctx, newCronTab("one"), metav1.CreateOptions{})
	require.NoError(t, err)
	remove(t, c, crd.GroupResource(), "", "crontabs.stable.example.com")
	settle(t, c)
	var seen []string
	for event := range w.ResultChan() {
		seen = append(seen, string(event.Type))
	}
	require.Equal(t, []string{"ADDED", "DELETED"}, seen)
}

func TestDiscoveryFollowsDefinitions(t *testing.T) {
	c, _ := withCronTabs(t)
	client := discovery.NewDiscoveryClientForConfigOrDie(c.RESTConfig())
	list, err := client.ServerResourcesForGroupVersion("stable.example.com/v1")
	require.NoError(t, err)
	require.Len(t, list.APIResources, 1)
	require.Equal(t, []string{"ct"}, list.APIResources[0].ShortNames)
	remove(t, c, crd.GroupResource(), "", "crontabs.stable.example.com")
	settle(t, c)
	_, err = client.ServerResourcesForGroupVersion("stable.example.com/v1")
	require.True(t, apierrors.IsNotFound(err), "%v", err)
}

// Two definitions that want the same names at once: the older one has them.
func TestNamesAreGivenOnce(t *testing.T) {
	c := settled(t, minik8s.Options{Nodes: minik8s.NoNodes})
	apply(t, c, cronTabs)
	apply(t, c, `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: others.stable.example.com}
spec:
  group: stable.example.com
  scope: Namespaced
  names: {plural: others, kind: CronTab, shortNames: [ct]}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
`)
	settle(t, c)
	refused, _ := reconcile.CustomResourceDefinitions.Get(viewOf(c), reconcile.Key{Name: "others.stable.example.com"})
	require.Equal(t, "ListKindConflict", refused.Status.Conditions[0].Reason)
	require.Equal(t, `"CronTabList" is already in use`, refused.Status.Conditions[0].Message)
	require.Equal(t, "NotAccepted", refused.Status.Conditions[1].Reason)
	remove(t, c, crd.GroupResource(), "", "crontabs.stable.example.com")
	settle(t, c)
	accepted, _ := reconcile.CustomResourceDefinitions.Get(viewOf(c), reconcile.Key{Name: "others.stable.example.com"})
	require.Equal(t, "NoConflicts", accepted.Status.Conditions[0].Reason)
	require.Equal(t, "InitialNamesAccepted", accepted.Status.Conditions[1].Reason)
}

func TestCustomResourcesReplay(t *testing.T) {
	c, all := withCronTabs(t)
	_, err := all.Namespace("default").Create(ctx, newCronTab("one"), metav1.CreateOptions{})
	require.NoError(t, err)
	apply(t, c, "{apiVersion: stable.example.com/v1, kind: CronTab, metadata: {name: one, namespace: default}, spec: {replicas: 3}}")
	settle(t, c)
	for _, change := range changesOf(t, c, ct.GroupResource()) {
		require.NotEmpty(t, trace.Flatten(change.After.Value.(reconcile.Object)), "a trace only looks")
	}
	again, err := c.Replay(0)
	require.NoError(t, err)
	require.Equal(t, hash(t, c.Store()), hash(t, again.Store()))
}

func changesOf(t *testing.T, c *minik8s.Cluster, gr schema.GroupResource) []*store.Change {
	t.Helper()
	snapshot := c.Store().Snapshot()
	changes, err := snapshot.Changes(snapshot.Oldest() - 1)
	require.NoError(t, err)
	var found []*store.Change
	for change := range changes {
		if change.Object().Resource == gr {
			found = append(found, change)
		}
	}
	return found
}
