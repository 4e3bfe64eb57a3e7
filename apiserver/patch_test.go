package apiserver

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func TestPatch(t *testing.T) {
	for _, tt := range []struct {
		name string
		kind types.PatchType
		body string
		want []string // containers as name=image
	}{
		{"json", types.JSONPatchType, `[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"nginx:2"}]`, []string{"web=nginx:2"}},
		{"merge replaces lists", types.MergePatchType, `{"spec":{"template":{"spec":{"containers":[{"name":"app","image":"app:1"}]}}}}`, []string{"app=app:1"}},
		{"strategic merge joins lists by name", types.StrategicMergePatchType, `{"spec":{"template":{"spec":{"containers":[{"name":"app","image":"app:1"}]}}}}`, []string{"app=app:1", "web=nginx:1.27"}},
		{"strategic merge changes one of them", types.StrategicMergePatchType, `{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nginx:2"}]}}}}`, []string{"web=nginx:2"}},
		{"strategic merge replaces if told to", types.StrategicMergePatchType, `{"spec":{"template":{"spec":{"containers":[{"$patch":"replace"},{"name":"app","image":"app:1"}]}}}}`, []string{"app=app:1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.mustCreate("deployments", "default", newDeployment("web", 1))
			res, err := w.patch("deployments", "default/web", "", tt.kind, tt.body)
			require.NoError(t, err)
			d := res.Object.(*appsv1.Deployment)
			var got []string
			for _, c := range d.Spec.Template.Spec.Containers {
				got = append(got, c.Name+"="+c.Image)
				require.NotEmpty(t, c.ImagePullPolicy, "defaults")
			}
			require.Equal(t, tt.want, got)
			require.EqualValues(t, 2, d.Generation)
			require.Same(t, d, w.get("deployments", "default/web"))
		})
	}
}

func TestPatchStatus(t *testing.T) {
	w := newWorld(t)
	w.mustCreate("deployments", "default", newDeployment("web", 1))
	res, err := w.patch("deployments", "default/web", "status", types.MergePatchType, `{"spec":{"replicas":7},"status":{"replicas":1}}`)
	require.NoError(t, err)
	require.EqualValues(t, 1, *res.Object.(*appsv1.Deployment).Spec.Replicas)
	require.EqualValues(t, 1, res.Object.(*appsv1.Deployment).Status.Replicas)
}

func TestPatchThatChangesNothingWritesNothing(t *testing.T) {
	w := newWorld(t)
	d := w.mustCreate("deployments", "default", newDeployment("web", 1))
	before := w.revision()
	res, err := w.patch("deployments", "default/web", "", types.MergePatchType, `{"spec":{"replicas":1}}`)
	require.NoError(t, err)
	require.Same(t, d, res.Object)
	require.Equal(t, before, w.revision())
}

func TestPatchSpeaksTheVersionOfTheRequest(t *testing.T) {
	w := newWorld(t)
	w.mustCreate("events", "default", &corev1.Event{
		ObjectMeta:     metav1.ObjectMeta{Name: "e"},
		InvolvedObject: corev1.ObjectReference{Kind: "Pod", Namespace: "default", Name: "web"},
		Type:           "Normal", Reason: "Ran", Message: "it ran",
	})
	_, err := w.Do(Request{
		Verb: Patch, Resource: eventsv1.SchemeGroupVersion.WithResource("events"), Namespace: "default", Name: "e",
		PatchType: types.MergePatchType, Patch: []byte(`{"series":{"count":2,"lastObservedTime":"2026-01-01T00:00:00.000000Z"},"note":"it ran"}`),
	})
	require.NoError(t, err)
	require.EqualValues(t, 2, w.get("events", "default/e").(*corev1.Event).Series.Count)
	require.Equal(t, "it ran", w.get("events", "default/e").(*corev1.Event).Message)
}

func TestFieldValidationOfPatches(t *testing.T) {
	const unknown, twice = `{"spec":{"replica":3}}`, `{"spec":{"replicas":3,"replicas":4}}`
	patch := func(w *world, kind types.PatchType, directive, body string) (Response, error) {
		req := w.request(Patch, "deployments", "default/web")
		req.PatchType, req.Patch = kind, []byte(body)
		req.PatchOptions = &metav1.PatchOptions{FieldValidation: directive}
		return w.Do(req)
	}
	for _, tt := range []struct {
		kind types.PatchType
		body string
		want string
	}{
		{types.MergePatchType, unknown, `unknown field "spec.replica"`},
		{types.MergePatchType, twice, `duplicate field "spec.replicas"`},
		{types.StrategicMergePatchType, unknown, `unknown field "spec.replica"`},
		{types.StrategicMergePatchType, twice, `duplicate field "spec.replicas"`},
		{types.JSONPatchType, `[{"op":"add","path":"/spec/replica","value":3}]`, `unknown field "spec.replica"`},
		{types.JSONPatchType, `[{"op":"test","path":"/spec/replicas","value":1,"note":"x"}]`, `json patch unknown field "[0].note"`},
	} {
		t.Run(string(tt.kind)+" "+tt.body, func(t *testing.T) {
			w := newWorld(t)
			w.mustCreate("deployments", "default", newDeployment("web", 1))
			_, err := patch(w, tt.kind, metav1.FieldValidationStrict, tt.body)
			require.Contains(t, answer(err), "422 Invalid:  \"\" is invalid: patch: Invalid value: ")
			require.Contains(t, answer(err), "strict decoding error: "+tt.want)
			res, err := patch(w, tt.kind, metav1.FieldValidationWarn, tt.body)
			require.NoError(t, err)
			require.Equal(t, []string{tt.want}, res.Warnings)
			res, err = patch(w, tt.kind, metav1.FieldValidationIgnore, tt.body)
			require.NoError(t, err)
			require.Empty(t, res.Warnings)
		})
	}
}

func TestPatchRefused(t *testing.T) {
	patch := func(key, subresource string, kind types.PatchType, body string) func(*world) error {
		return func(w *world) error {
			_, err := w.patch("deployments", key, subresource, kind, body)
			return err
		}
	}
	const merge, json, strategic = types.MergePatchType, types.JSONPatchType, types.StrategicMergePatchType
	testRefusals(t, func(w *world) {
		w.mustCreate("deployments", "default", newDeployment("web", 1))
	}, []refusal{
		{"missing", patch("default/db", "", merge, `{}`), `404 NotFound: deployments.apps "db" not found`},
		{"stale", patch("default/web", "", merge, `{"metadata":{"resourceVersion":"1"}}`),
			`409 Conflict: Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again`},
		{"another name", patch("default/web", "", merge, `{"metadata":{"name":"db"}}`),
			`400 BadRequest: the name of the object (db) does not match the name on the URL (web)`},
		{"uid", patch("default/web", "", merge, `{"metadata":{"uid":"x"}}`),
			`422 Invalid: Deployment.apps "web" is invalid: metadata.uid: Invalid value: "x": field is immutable`},
		{"not valid", patch("default/web", "", merge, `{"spec":{"replicas":-1}}`),
			`422 Invalid: Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0`},
		{"not JSON", patch("default/web", "", merge, `{`), `400 BadRequest: invalid JSON patch`},
		{"not a JSON patch", patch("default/web", "", json, `{}`),
			`400 BadRequest: error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp`},
		{"path is missing", patch("default/web", "", json, `[{"op":"remove","path":"/spec/colour"}]`),
			`422 Invalid: the server rejected our request due to an error in our request`},
		{"test fails", patch("default/web", "", json, `[{"op":"test","path":"/spec/replicas","value":9}]`),
			`422 Invalid: the server rejected our request due to an error in our request`},
		{"too many operations", patch("default/web", "", json, "["+strings.Repeat(`{"op":"test","path":"/kind","value":"Deployment"},`, 10000)+`{"op":"test","path":"/kind","value":"Deployment"}]`),
			`413 RequestEntityTooLarge: Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001`},
		{"strategic, not JSON", patch("default/web", "", strategic, `[`), `400 BadRequest: invalid JSON patch`},
		{"strategic, no merge key", patch("default/web", "", strategic, `{"spec":{"template":{"spec":{"containers":[{"image":"x"}]}}}}`),
			`500 : map: map[image:x] does not contain declared merge key: name`},
		{"patch type", patch("default/web", "", "text/plain", `{}`),
			`415 UnsupportedMediaType: the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml`},
		{"force without apply", func(w *world) error {
			force := true
			req := w.request(Patch, "deployments", "default/web")
			req.PatchType, req.Patch, req.PatchOptions = merge, []byte(`{}`), &metav1.PatchOptions{Force: &force}
			_, err := w.Do(req)
			return err
		}, `422 Invalid: PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch`},
		{"scale below zero", patch("default/web", "scale", merge, `{"spec":{"replicas":-1}}`),
			`422 Invalid: Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0`},
		{"scale what is missing", patch("default/db", "scale", merge, `{}`), `404 NotFound: deployments.apps "db" not found`},
		{"scale of another uid", patch("default/web", "scale", merge, `{"metadata":{"uid":"x"}}`),
			`409 Conflict: Operation cannot be fulfilled on deployments/scale.apps "web": Precondition failed: UID in precondition: x, UID in object meta: ` + uidAt(2)},
	})
}

func TestScale(t *testing.T) {
	w := newWorld(t)
	w.mustCreate("deployments", "default", newDeployment("web", 1))
	get := func() *autoscalingv1.Scale {
		req := w.request(Get, "deployments", "default/web")
		req.Subresource = "scale"
		res, err := w.Do(req)
		require.NoError(t, err)
		return res.Object.(*autoscalingv1.Scale)
	}
	scale := get()
	require.EqualValues(t, 1, scale.Spec.Replicas)
	require.Equal(t, "app=web", scale.Status.Selector)

	scale.Spec.Replicas = 3
	req := w.request(Update, "deployments", "default/web")
	req.Subresource, req.Object = "scale", scale
	res, err := w.Do(req)
	require.NoError(t, err)
	require.EqualValues(t, 3, res.Object.(*autoscalingv1.Scale).Spec.Replicas)
	d := w.get("deployments", "default/web").(*appsv1.Deployment)
	require.EqualValues(t, 3, *d.Spec.Replicas)
	require.EqualValues(t, 2, d.Generation)

	_, err = w.Do(req)
	require.Equal(t, `409 Conflict: Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again`, answer(err))

	res, err = w.patch("deployments", "default/web", "scale", types.MergePatchType, `{"spec":{"replicas":5}}`)
	require.NoError(t, err)
	require.EqualValues(t, 5, res.Object.(*autoscalingv1.Scale).Spec.Replicas)
	require.EqualValues(t, 5, get().Spec.Replicas)

	before := w.revision()
	res, err = w.patch("deployments", "default/web", "scale", types.MergePatchType, `{"spec":{"replicas":5}}`)
	require.NoError(t, err)
	require.EqualValues(t, 5, res.Object.(*autoscalingv1.Scale).Spec.Replicas)
	require.Equal(t, before, w.revision())

	scaleOfPod := w.request(Get, "pods", "default/x")
	scaleOfPod.Subresource = "scale"
	w.mustCreate("pods", "default", newPodObject("x"))
	_, err = w.Do(scaleOfPod)
	require.Equal(t, `404 NotFound: the server could not find the requested resource (get pods x)`, answer(err))
}

// A patch is applied as a whole, or refused and nothing is written.
func FuzzPatch(f *testing.F) {
	kinds := []types.PatchType{types.JSONPatchType, types.MergePatchType, types.StrategicMergePatchType}
	f.Add(0, `[{"op":"replace","path":"/spec/replicas","value":2},{"op":"remove","path":"/nowhere"}]`)
	f.Add(0, `[{"op":"move","from":"/spec","path":"/metadata"}]`)
	f.Add(0, `[{"op":"copy","from":"","path":"/spec/template"}]`)
	f.Add(1, `{"metadata":{"labels":{"a":"b"},"finalizers":[null]},"spec":null}`)
	f.Add(1, `null`)
	f.Add(2, `{"spec":{"template":{"spec":{"containers":[{"$patch":"delete","name":"web"}]}}}}`)
	f.Add(2, `{"$retainKeys":["x"],"spec":{"$setElementOrder/x":[1],"$deleteFromPrimitiveList/y":3}}`)
	f.Add(2, `{"spec":{"template":{"spec":{"containers":{"a":1}}}}}`)
	w := newWorld(f)
	w.mustCreate("deployments", "default", newDeployment("web", 1))
	w.Store.CheckImmutable()
	f.Fuzz(func(t *testing.T, kind int, body string) {
		old, before := w.get("deployments", "default/web"), w.revision()
		res, err := w.patch("deployments", "default/web", "", kinds[uint(kind)%3], body)
		if err != nil {
			require.Same(t, old, w.get("deployments", "default/web"))
			require.Equal(t, before, w.revision())
			return
		}
		require.Same(t, res.Object, w.get("deployments", "default/web"))
		require.Equal(t, old.GetUID(), w.get("deployments", "default/web").GetUID())
	})
}
