package minik8s_test

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/apiserver/outside"
	"github.com/minik8s/minik8s/apiserver/wire"
)

// doors has the address as one field in v1, which is stored, and as two in v2.
const doors = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: doors.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: doors, singular: door, kind: Door}
  conversion:
    strategy: Webhook
    webhook:
      conversionReviewVersions: [%s]
      clientConfig: {url: "%s/convert", caBundle: %s}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {address: {type: string}}}}}}
  - name: v2
    served: true
    storage: false
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {host: {type: string}, port: {type: string, maxLength: 5}}}}}}
`

// doorman is a conversion webhook.
type doorman struct {
	*httptest.Server
	asked, objects atomic.Int32
	// spoil changes an answer before it is sent.
	spoil atomic.Pointer[func(*apiextensionsv1.ConversionReview)]
}

func newDoorman(t *testing.T) *doorman {
	d := &doorman{}
	d.Server = httptest.NewTLSServer(d)
	t.Cleanup(d.Close)
	return d
}

// ServeHTTP converts, in either version of a review: they look the same.
func (d *doorman) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var review apiextensionsv1.ConversionReview
	if err := json.NewDecoder(r.Body).Decode(&review); err != nil || review.Request == nil {
		http.Error(w, "that is no review", http.StatusBadRequest)
		return
	}
	d.asked.Add(1)
	d.objects.Add(int32(len(review.Request.Objects)))
	response := &apiextensionsv1.ConversionResponse{UID: review.Request.UID, Result: metav1.Status{Status: metav1.StatusSuccess}}
	for _, raw := range review.Request.Objects {
		u := &unstructured.Unstructured{}
		if err := u.UnmarshalJSON(raw.Raw); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		response.ConvertedObjects = append(response.ConvertedObjects, runtime.RawExtension{Object: turned(u, review.Request.DesiredAPIVersion)})
	}
	review.Request, review.Response = nil, response
	if spoil := d.spoil.Load(); spoil != nil {
		(*spoil)(&review)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(review)
}

// turned is a Door in the other version. It notes where it came from.
func turned(u *unstructured.Unstructured, version string) *unstructured.Unstructured {
	spec, _, _ := unstructured.NestedStringMap(u.Object, "spec")
	if strings.HasSuffix(version, "/v1") {
		spec = map[string]string{"address": spec["host"] + ":" + spec["port"]}
	} else {
		host, port, _ := strings.Cut(spec["address"], ":")
		spec = map[string]string{"host": host, "port": port}
	}
	labels := u.GetLabels()
	if labels == nil {
		labels = map[string]string{}
	}
	labels["from"] = u.GroupVersionKind().Version
	u.SetLabels(labels)
	u.SetAPIVersion(version)
	_ = unstructured.SetNestedStringMap(u.Object, spec, "spec")
	return u
}

// withDoors is a cluster whose doors are converted by a doorman.
func withDoors(t *testing.T, reviewVersions string) (c *minik8s.Cluster, d *doorman, v1, v2 dynamic.ResourceInterface) {
	t.Helper()
	c = settled(t, minik8s.Options{Nodes: minik8s.NoNodes})
	c.Store().CheckImmutable()
	t.Cleanup(func() { require.NoError(t, c.Store().VerifyImmutable()) })
	d, v1, v2 = doorsIn(t, c, reviewVersions)
	return c, d, v1, v2
}

// doorsIn defines doors in a cluster.
func doorsIn(t *testing.T, c *minik8s.Cluster, reviewVersions string) (d *doorman, v1, v2 dynamic.ResourceInterface) {
	t.Helper()
	d = newDoorman(t)
	ca, err := json.Marshal(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: d.Certificate().Raw}))
	require.NoError(t, err)
	apply(t, c, fmt.Sprintf(doors, reviewVersions, d.URL, ca))
	settle(t, c)
	client := dynamic.NewForConfigOrDie(c.RESTConfig())
	in := func(version string) dynamic.ResourceInterface {
		return client.Resource(schema.GroupVersionResource{Group: "example.com", Version: version, Resource: "doors"}).Namespace("default")
	}
	return d, in("v1"), in("v2")
}

func door(version, name string, spec map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "example.com/" + version, "kind": "Door", "metadata": map[string]any{"name": name}, "spec": spec,
	}}
}

func specOf(t *testing.T) func(u *unstructured.Unstructured, err error) map[string]any {
	return func(u *unstructured.Unstructured, err error) map[string]any {
		t.Helper()
		require.NoError(t, err)
		return u.Object["spec"].(map[string]any)
	}
}

func TestConversionWebhook(t *testing.T) {
	t.Parallel()
	for _, reviewVersions := range []string{"v1", "v1beta1", "v7, v1"} {
		t.Run(reviewVersions, func(t *testing.T) {
			c, d, v1, v2 := withDoors(t, reviewVersions)
			spec := specOf(t)

			made, err := v2.Create(ctx, door("v2", "front", map[string]any{"host": "a", "port": "80"}), metav1.CreateOptions{})
			require.Equal(t, map[string]any{"host": "a", "port": "80"}, spec(made, err))
			require.Equal(t, "v1", made.GetLabels()["from"], "it is read back as it is stored")
			require.EqualValues(t, 2, d.asked.Load(), "once to store it, once to answer")
			stored, err := v1.Get(ctx, "front", metav1.GetOptions{})
			require.Equal(t, map[string]any{"address": "a:80"}, spec(stored, err))
			require.EqualValues(t, 2, d.asked.Load(), "the stored version is nobody's question")
			require.Equal(t, made.GetUID(), stored.GetUID())
			require.Equal(t, made.GetResourceVersion(), stored.GetResourceVersion())
			require.Equal(t, made.GetManagedFields(), stored.GetManagedFields())

			made.Object["spec"].(map[string]any)["port"] = "81"
			require.Equal(t, map[string]any{"host": "a", "port": "81"}, spec(v2.Update(ctx, made, metav1.UpdateOptions{})))
			require.Equal(t, map[string]any{"address": "a:81"}, spec(v1.Get(ctx, "front", metav1.GetOptions{})))
			require.Equal(t, map[string]any{"host": "b", "port": "81"}, spec(v2.Patch(ctx, "front", types.MergePatchType, []byte(`{"spec":{"host":"b"}}`), metav1.PatchOptions{})))
			require.Equal(t, map[string]any{"address": "b:81"}, spec(v1.Get(ctx, "front", metav1.GetOptions{})))
			require.Equal(t, map[string]any{"host": "c", "port": "81"}, spec(v2.Apply(ctx, "front", door("v2", "front", map[string]any{"host": "c"}), metav1.ApplyOptions{FieldManager: "me", Force: true})))
			require.Equal(t, map[string]any{"address": "d:82"}, spec(v1.Apply(ctx, "front", door("v1", "front", map[string]any{"address": "d:82"}), metav1.ApplyOptions{FieldManager: "me", Force: true})))
			_, err = v2.Patch(ctx, "front", types.MergePatchType, []byte(`{"spec":{"port":"123456"}}`), metav1.PatchOptions{})
			require.ErrorContains(t, err, "Too long: may not be more than 5 bytes")
			require.NoError(t, v2.Delete(ctx, "front", metav1.DeleteOptions{}))

			d.Close()
			again, err := c.Replay(0)
			require.NoError(t, err)
			require.Equal(t, hash(t, c.Store()), hash(t, again.Store()))
		})
	}
}

// TestConversionInADryRun: a dry run asks what the write would ask.
func TestConversionInADryRun(t *testing.T) {
	t.Parallel()
	_, d, v1, v2 := withDoors(t, "v1")
	dry := []string{metav1.DryRunAll}

	made, err := v2.Create(ctx, door("v2", "front", map[string]any{"host": "a", "port": "80"}), metav1.CreateOptions{DryRun: dry})
	require.NoError(t, err)
	require.Equal(t, "v1", made.GetLabels()["from"])
	require.Empty(t, made.GetResourceVersion())
	require.EqualValues(t, 2, d.asked.Load())
	_, err = v1.Get(ctx, "front", metav1.GetOptions{})
	require.True(t, apierrors.IsNotFound(err), "%v", err)

	_, err = v1.Create(ctx, door("v1", "front", map[string]any{"address": "a:80"}), metav1.CreateOptions{DryRun: dry})
	require.NoError(t, err)
	require.EqualValues(t, 2, d.asked.Load(), "the stored version is nobody's question")

	refuse := func(review *apiextensionsv1.ConversionReview) {
		review.Response.Result = metav1.Status{Status: metav1.StatusFailure, Message: "closed"}
	}
	d.spoil.Store(&refuse)
	_, err = v2.Create(ctx, door("v2", "back", map[string]any{"host": "a", "port": "80"}), metav1.CreateOptions{DryRun: dry})
	require.ErrorContains(t, err, "closed")
}

// TestConversionOfLists: a list is one question, however many objects it has.
func TestConversionOfLists(t *testing.T) {
	t.Parallel()
	_, d, v1, v2 := withDoors(t, "v1")
	for i := range 5 {
		name := fmt.Sprintf("door-%d", i)
		_, err := v1.Create(ctx, door("v1", name, map[string]any{"address": name + ":80"}), metav1.CreateOptions{})
		require.NoError(t, err)
	}
	require.Zero(t, d.asked.Load())
	all, err := v2.List(ctx, metav1.ListOptions{})
	require.NoError(t, err)
	require.Len(t, all.Items, 5)
	require.Equal(t, map[string]any{"host": "door-3", "port": "80"}, all.Items[3].Object["spec"])
	require.EqualValues(t, 1, d.asked.Load())
	require.EqualValues(t, 5, d.objects.Load())

	page, err := v2.List(ctx, metav1.ListOptions{Limit: 2})
	require.NoError(t, err)
	require.Len(t, page.Items, 2)
	require.EqualValues(t, 3, *page.GetRemainingItemCount())
	require.EqualValues(t, 7, d.objects.Load(), "the other pages are not looked at")
	page, err = v2.List(ctx, metav1.ListOptions{Limit: 2, Continue: page.GetContinue()})
	require.NoError(t, err)
	require.Equal(t, "door-2", page.Items[0].GetName())
	page, err = v2.List(ctx, metav1.ListOptions{LabelSelector: "from=v1", Limit: 1})
	require.NoError(t, err, "labels are those after the conversion")
	require.Len(t, page.Items, 1)

	require.NoError(t, v2.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "from=v1"}))
	all, err = v1.List(ctx, metav1.ListOptions{})
	require.NoError(t, err)
	require.Empty(t, all.Items)
}

func TestConversionOfWatches(t *testing.T) {
	t.Parallel()
	_, d, v1, v2 := withDoors(t, "v1")
	_, err := v1.Create(ctx, door("v1", "front", map[string]any{"address": "a:80"}), metav1.CreateOptions{})
	require.NoError(t, err)
	w, err := v2.Watch(ctx, metav1.ListOptions{})
	require.NoError(t, err)
	defer w.Stop()
	event := func(want watch.EventType) *unstructured.Unstructured {
		e := <-w.ResultChan()
		require.Equal(t, want, e.Type, "%v", e.Object)
		u, _ := e.Object.(*unstructured.Unstructured)
		return u
	}
	require.Equal(t, map[string]any{"host": "a", "port": "80"}, event(watch.Added).Object["spec"])
	_, err = v1.Patch(ctx, "front", types.MergePatchType, []byte(`{"spec":{"address":"b:80"}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"host": "b", "port": "80"}, event(watch.Modified).Object["spec"])
	require.NoError(t, v1.Delete(ctx, "front", metav1.DeleteOptions{}))
	require.Equal(t, map[string]any{"host": "b", "port": "80"}, event(watch.Deleted).Object["spec"])

	broken := func(r *apiextensionsv1.ConversionReview) { r.Response = nil }
	d.spoil.Store(&broken)
	_, err = v1.Create(ctx, door("v1", "back", map[string]any{"address": "a:80"}), metav1.CreateOptions{})
	require.NoError(t, err)
	e := <-w.ResultChan()
	require.Equal(t, watch.Error, e.Type)
	require.Contains(t, e.Object.(*metav1.Status).Message, "conversion webhook for example.com/v1, Kind=Door failed: no response provided")
}

// TestBadConversions: what is no conversion is no object, and nothing is
// written because of it.
func TestBadConversions(t *testing.T) {
	t.Parallel()
	c, d, v1, v2 := withDoors(t, "v1")
	_, err := v1.Create(ctx, door("v1", "front", map[string]any{"address": "a:80"}), metav1.CreateOptions{})
	require.NoError(t, err)
	change := func(f func(*unstructured.Unstructured)) func(*apiextensionsv1.ConversionReview) {
		return func(r *apiextensionsv1.ConversionReview) {
			f(r.Response.ConvertedObjects[0].Object.(*unstructured.Unstructured))
		}
	}
	const prefix = "conversion webhook for example.com/v1, Kind=Door "
	for name, test := range map[string]struct {
		spoil func(*apiextensionsv1.ConversionReview)
		want  string
	}{
		"refusal": {func(r *apiextensionsv1.ConversionReview) {
			r.Response.Result = metav1.Status{Status: "Failure", Message: "stuck"}
		}, prefix + "failed: stuck"},
		"no verdict":   {func(r *apiextensionsv1.ConversionReview) { r.Response.Result = metav1.Status{} }, prefix + "failed: response.result.status was '', not 'Success'"},
		"no response":  {func(r *apiextensionsv1.ConversionReview) { r.Response = nil }, prefix + "failed: no response provided"},
		"other kind":   {func(r *apiextensionsv1.ConversionReview) { r.Kind = "Window" }, prefix + `failed: no kind "Window" is registered for version "apiextensions.k8s.io/v1" in scheme`},
		"other uid":    {func(r *apiextensionsv1.ConversionReview) { r.Response.UID = "x" }, `", got "x"`},
		"nothing":      {func(r *apiextensionsv1.ConversionReview) { r.Response.ConvertedObjects = nil }, prefix + "returned 0 objects, expected 1"},
		"same version": {change(func(u *unstructured.Unstructured) { u.SetAPIVersion("example.com/v1") }), prefix + "returned invalid object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v1)"},
		"a window":     {change(func(u *unstructured.Unstructured) { u.SetKind("Window") }), prefix + "returned invalid object at index 0: invalid kind (expected Door, received Window)"},
		"another name": {change(func(u *unstructured.Unstructured) { u.SetName("back") }), prefix + "returned invalid object: must have the same name: front != back"},
		"another UID":  {change(func(u *unstructured.Unstructured) { u.SetUID("x") }), " != x"},
		"no metadata":  {change(func(u *unstructured.Unstructured) { delete(u.Object, "metadata") }), prefix + "returned invalid object: must have the same name: front != "},
		"bad label":    {change(func(u *unstructured.Unstructured) { u.SetLabels(map[string]string{"a b": "c"}) }), prefix + `returned invalid metadata: metadata.labels: Invalid value: "a b"`},
		"labels":       {change(func(u *unstructured.Unstructured) { u.Object["metadata"].(map[string]any)["labels"] = "a" }), prefix + "returned invalid metadata: invalid metadata.labels of type string in converted object"},
	} {
		t.Run(name, func(t *testing.T) {
			d.spoil.Store(&test.spoil)
			before := c.Store().Revision()
			_, err := v2.Get(ctx, "front", metav1.GetOptions{})
			require.ErrorContains(t, err, test.want)
			_, err = v2.List(ctx, metav1.ListOptions{})
			require.ErrorContains(t, err, test.want)
			_, err = v2.Patch(ctx, "front", types.MergePatchType, []byte(`{"spec":{"host":"z"}}`), metav1.PatchOptions{})
			require.ErrorContains(t, err, test.want)
			_, err = v2.Create(ctx, door("v2", "new", map[string]any{"host": "z", "port": "1"}), metav1.CreateOptions{})
			require.Error(t, err)
			require.Equal(t, before, c.Store().Revision(), "nothing was written")
		})
	}
	quiet := func(r *apiextensionsv1.ConversionReview) {
		u := r.Response.ConvertedObjects[0].Object.(*unstructured.Unstructured)
		u.SetFinalizers([]string{"example.com/mine"})
		u.SetGeneration(99)
	}
	d.spoil.Store(&quiet)
	now, err := v2.Get(ctx, "front", metav1.GetOptions{})
	require.NoError(t, err)
	require.Empty(t, now.GetFinalizers(), "the rest of the metadata is as it was")
	require.EqualValues(t, 1, now.GetGeneration())
	d.Close()
	_, err = v2.Get(ctx, "front", metav1.GetOptions{})
	require.ErrorContains(t, err, prefix+`failed: Post "`+d.URL+`/convert?timeout=30s": `)
}

// TestConversionInABusyWorld: what somebody else writes while the webhook thinks
// about a new object does not make it another one.
func TestConversionInABusyWorld(t *testing.T) {
	t.Parallel()
	asker := wire.NewAsker()
	var cluster *minik8s.Cluster
	var asked int
	cluster = settled(t, minik8s.Options{Nodes: minik8s.NoNodes, Ask: func(q outside.Question) outside.Answer {
		if asked++; asked <= 3 {
			apply(t, cluster, fmt.Sprintf(`{apiVersion: v1, kind: ConfigMap, metadata: {name: busy-%d, namespace: default}}`, asked))
		}
		return asker.Ask(q)
	}})
	_, v1, v2 := doorsIn(t, cluster, "v1")
	made, err := v2.Create(ctx, door("v2", "front", map[string]any{"host": "a", "port": "80"}), metav1.CreateOptions{})
	require.NoError(t, err)
	stored, err := v1.Get(ctx, "front", metav1.GetOptions{})
	require.Equal(t, map[string]any{"address": "a:80"}, specOf(t)(stored, err))
	require.Equal(t, made.GetUID(), stored.GetUID())
	require.Equal(t, 2, asked)
}

// TestConversionWebhookBehindAService: the Service is looked up as those of
// admission webhooks are.
func TestConversionWebhookBehindAService(t *testing.T) {
	t.Parallel()
	cluster, _, v1, v2 := withDoors(t, "v1")
	_, err := v1.Create(ctx, door("v1", "front", map[string]any{"address": "a:80"}), metav1.CreateOptions{})
	require.NoError(t, err)
	_, err = dynamic.NewForConfigOrDie(cluster.RESTConfig()).Resource(crd).Patch(ctx, "doors.example.com", types.MergePatchType,
		[]byte(`{"spec":{"conversion":{"webhook":{"clientConfig":{"url":null,"service":{"namespace":"default","name":"hook","path":"/convert"}}}}}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	settle(t, cluster)
	_, err = v2.Get(ctx, "front", metav1.GetOptions{})
	require.EqualError(t, err, `conversion webhook for example.com/v1, Kind=Door failed: Post "https://hook.default.svc:443/convert?timeout=30s": service "hook" not found`)
}
