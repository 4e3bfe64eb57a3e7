package apiserver

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/kinds"
)

// by is a request that a program makes.
func by(program string, req Request) Request {
	req.UserAgent = program + "/v1.37.2 (linux/amd64)"
	return req
}

// applying is a server-side apply by a manager.
func (w *world) applying(manager, plural, key, subresource, manifest string) Request {
	req := by("kubectl", w.request(Patch, plural, key))
	req.Subresource, req.PatchType, req.Patch = subresource, types.ApplyYAMLPatchType, []byte(manifest)
	req.PatchOptions = &metav1.PatchOptions{FieldManager: manager}
	return req
}

func (w *world) apply(manager, plural, key, manifest string) (Response, error) {
	return w.Do(w.applying(manager, plural, key, "", manifest))
}

func (w *world) mustApply(manager, plural, key, manifest string) Response {
	w.Helper()
	res, err := w.apply(manager, plural, key, manifest)
	require.NoError(w, err)
	return res
}

func configMap(data ...string) string {
	text := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n"
	for _, line := range data {
		text += "  " + line + "\n"
	}
	return text
}

// managers is who owns which fields of an object, a line for each entry.
func managers(o kinds.Object) string {
	var text strings.Builder
	for _, e := range o.GetManagedFields() {
		at := "no time"
		if e.Time != nil {
			at = e.Time.UTC().Format("15:04:05")
		}
		fmt.Fprintf(&text, "%s %s", e.Manager, e.Operation)
		if e.Subresource != "" {
			fmt.Fprintf(&text, " %s", e.Subresource)
		}
		raw, _ := json.Marshal(e.FieldsV1)
		fmt.Fprintf(&text, " %s %s %s\n", e.APIVersion, at, raw)
	}
	return text.String()
}

func TestApplyCreates(t *testing.T) {
	w := newWorld(t)
	res := w.mustApply("me", "configmaps", "default/c", configMap("a: '1'"))
	require.True(t, res.Created)
	c := res.Object.(*corev1.ConfigMap)
	require.Equal(t, map[string]string{"a": "1"}, c.Data)
	require.Equal(t, "default", c.Namespace)
	require.NotEmpty(t, c.UID)
	require.Equal(t, `me Apply v1 00:00:00 {"f:data":{"f:a":{}}}`+"\n", managers(c))
	require.Same(t, c, w.get("configmaps", "default/c"))
}

func TestApplyGivesFieldsUp(t *testing.T) {
	w := newWorld(t)
	w.mustApply("me", "configmaps", "default/c", configMap("a: '1'", "b: '2'", "both: '3'"))
	w.mustApply("you", "configmaps", "default/c", configMap("both: '3'", "yours: '4'"))
	w.now = w.now.Add(time.Minute)
	res := w.mustApply("me", "configmaps", "default/c", configMap("a: '1'"))
	require.False(t, res.Created)
	c := res.Object.(*corev1.ConfigMap)
	require.Equal(t, map[string]string{"a": "1", "both": "3", "yours": "4"}, c.Data, "what another one applies too stays")
	require.Equal(t, `you Apply v1 00:00:00 {"f:data":{"f:both":{},"f:yours":{}}}
me Apply v1 00:01:00 {"f:data":{"f:a":{}}}
`, managers(c))
}

func TestApplyConflicts(t *testing.T) {
	w := newWorld(t)
	w.mustApply("me", "configmaps", "default/c", configMap("a: '1'", "b: '1'"))
	before := w.revision()
	_, err := w.apply("you", "configmaps", "default/c", configMap("a: '2'"))
	require.Equal(t, `409 Conflict: Apply failed with 1 conflict: conflict with "me": .data.a`, answer(err))
	require.Equal(t, []metav1.StatusCause{{Type: metav1.CauseTypeFieldManagerConflict, Message: `conflict with "me"`, Field: ".data.a"}},
		err.(apierrors.APIStatus).Status().Details.Causes)
	_, err = w.apply("you", "configmaps", "default/c", configMap("a: '2'", "b: '2'"))
	require.Equal(t, "409 Conflict: Apply failed with 2 conflicts: conflicts with \"me\":\n- .data.a\n- .data.b", answer(err))
	require.Equal(t, before, w.revision())

	req := w.applying("you", "configmaps", "default/c", "", configMap("a: '2'"))
	req.PatchOptions.Force = ptr.To(true)
	res, err := w.Do(req)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"a": "2", "b": "1"}, res.Object.(*corev1.ConfigMap).Data)
	require.Equal(t, `me Apply v1 00:00:00 {"f:data":{"f:b":{}}}
you Apply v1 00:00:00 {"f:data":{"f:a":{}}}
`, managers(res.Object.(kinds.Object)))
}

func TestApplyAfterAnUpdateConflicts(t *testing.T) {
	w := newWorld(t)
	req := by("kubectl", w.request(Create, "configmaps", "default/"))
	req.CreateOptions = &metav1.CreateOptions{FieldManager: "kubectl-create"}
	req.Object = &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "c"}, Data: map[string]string{"a": "1"}}
	_, err := w.Do(req)
	require.NoError(t, err)
	_, err = w.apply("kubectl", "configmaps", "default/c", configMap("a: '2'"))
	require.Equal(t, `409 Conflict: Apply failed with 1 conflict: conflict with "kubectl-create" using v1: .data.a`, answer(err))
}

func TestApplyToWhatNobodyManages(t *testing.T) {
	w := newWorld(t)
	w.mustCreate("configmaps", "default", &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "c"}, Data: map[string]string{"a": "1"}})
	_, err := w.apply("me", "configmaps", "default/c", configMap("a: '2'"))
	require.Equal(t, `409 Conflict: Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.a`, answer(err))
	w.now = w.now.Add(time.Second)
	res := w.mustApply("me", "configmaps", "default/c", configMap("b: '2'"))
	require.Equal(t, `me Apply v1 00:00:01 {"f:data":{"f:b":{}}}
before-first-apply Update v1 00:00:01 {"f:data":{".":{},"f:a":{}}}
`, managers(res.Object.(kinds.Object)))
}

func TestApplyThatChangesNothingWritesNothing(t *testing.T) {
	w := newWorld(t)
	c := w.mustApply("me", "configmaps", "default/c", configMap("a: '1'")).Object
	before := w.revision()
	w.now = w.now.Add(time.Minute)
	require.Same(t, c, w.mustApply("me", "configmaps", "default/c", configMap("a: '1'")).Object)
	require.Equal(t, before, w.revision())
}

func TestApplyDryRun(t *testing.T) {
	w := newWorld(t)
	req := w.applying("me", "configmaps", "default/c", "", configMap("a: '1'"))
	req.PatchOptions.DryRun = []string{metav1.DryRunAll}
	before := w.revision()
	res, err := w.Do(req)
	require.NoError(t, err)
	require.True(t, res.Created)
	require.Equal(t, "1", res.Object.(*corev1.ConfigMap).Data["a"])
	require.Nil(t, w.get("configmaps", "default/c"))
	require.Equal(t, before, w.revision())
}

const appliedDeployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: %d
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:%s"}]}
`

func TestApplyMergesListsByTheirKeys(t *testing.T) {
	w := newWorld(t)
	w.mustApply("me", "deployments", "default/web", fmt.Sprintf(appliedDeployment, 2, "1.27"))
	res := w.mustApply("mesh", "deployments", "default/web", `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: proxy, image: "envoy:1"}]}}}`)
	d := res.Object.(*appsv1.Deployment)
	require.Len(t, d.Spec.Template.Spec.Containers, 2)
	require.EqualValues(t, 2, d.Generation)
	d = w.mustApply("me", "deployments", "default/web", fmt.Sprintf(appliedDeployment, 2, "1.28")).Object.(*appsv1.Deployment)
	require.Equal(t, "nginx:1.28", d.Spec.Template.Spec.Containers[0].Image)
	require.Equal(t, "envoy:1", d.Spec.Template.Spec.Containers[1].Image)
	require.Equal(t, corev1.PullIfNotPresent, d.Spec.Template.Spec.Containers[1].ImagePullPolicy, "defaults")
}

func TestApplyStatus(t *testing.T) {
	w := newWorld(t)
	w.mustApply("me", "deployments", "default/web", fmt.Sprintf(appliedDeployment, 2, "1.27"))
	res, err := w.Do(w.applying("controller", "deployments", "default/web", "status", `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 7}
status: {replicas: 1, observedGeneration: 1}`))
	require.NoError(t, err)
	d := res.Object.(*appsv1.Deployment)
	require.EqualValues(t, 2, *d.Spec.Replicas, "is not part of the status")
	require.EqualValues(t, 1, d.Status.Replicas)
	require.Contains(t, managers(d), `controller Apply status apps/v1 00:00:00 {"f:status":{"f:observedGeneration":{},"f:replicas":{}}}`)

	d = w.mustApply("me", "deployments", "default/web", fmt.Sprintf(appliedDeployment, 2, "1.27")+"status: {replicas: 9}").Object.(*appsv1.Deployment)
	require.EqualValues(t, 1, d.Status.Replicas)
	require.NotContains(t, strings.Split(managers(d), "\n")[1], "f:status", "who cannot write a field does not own it")
}

func TestScaleTakesTheReplicas(t *testing.T) {
	w := newWorld(t)
	w.mustApply("me", "deployments", "default/web", fmt.Sprintf(appliedDeployment, 2, "1.27"))
	req := by("kubectl", w.request(Patch, "deployments", "default/web"))
	req.Subresource, req.PatchType, req.Patch = "scale", types.MergePatchType, []byte(`{"spec":{"replicas":5}}`)
	_, err := w.Do(req)
	require.NoError(t, err)
	require.Contains(t, managers(w.get("deployments", "default/web")), `kubectl Update scale apps/v1 no time {"f:spec":{"f:replicas":{}}}`)
	_, err = w.apply("me", "deployments", "default/web", fmt.Sprintf(appliedDeployment, 2, "1.27"))
	require.Equal(t, `409 Conflict: Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas`, answer(err))

	_, err = w.Do(w.applying("you", "deployments", "default/web", "scale", `{apiVersion: autoscaling/v1, kind: Scale, metadata: {name: web}, spec: {replicas: 5}}`))
	require.NoError(t, err)
	require.Contains(t, managers(w.get("deployments", "default/web")), `you Apply scale apps/v1 no time {"f:spec":{"f:replicas":{}}}`)
	_, err = w.Do(w.applying("you", "deployments", "default/web", "scale", `{apiVersion: autoscaling/v1, kind: Scale, metadata: {name: web}, spec: {replicas: 6}}`))
	require.Equal(t, `409 Conflict: Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using autoscaling/v1: .spec.replicas`, answer(err))
}

func TestApplyTakesOverFromClientSideApply(t *testing.T) {
	w := newWorld(t)
	lastApplied := `{"apiVersion":"v1","data":{"a":"1"},"kind":"ConfigMap","metadata":{"annotations":{},"name":"c","namespace":"default"}}`
	create := func(name string) {
		req := by("kubectl", w.request(Create, "configmaps", "default/"))
		req.CreateOptions = &metav1.CreateOptions{FieldManager: "kubectl-client-side-apply"}
		req.Object = &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: map[string]string{corev1.LastAppliedConfigAnnotation: lastApplied}},
			Data:       map[string]string{"a": "1"},
		}
		_, err := w.Do(req)
		require.NoError(t, err)
	}
	create("c")
	_, err := w.apply("another", "configmaps", "default/c", configMap("a: '2'"))
	require.Equal(t, `409 Conflict: Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.a`, answer(err))
	c := w.mustApply("kubectl", "configmaps", "default/c", configMap("a: '2'")).Object.(*corev1.ConfigMap)
	require.Equal(t, "2", c.Data["a"])
	require.JSONEq(t, `{"apiVersion":"v1","data":{"a":"2"},"kind":"ConfigMap","metadata":{"name":"c"}}`, c.Annotations[corev1.LastAppliedConfigAnnotation])
}

func TestApplyRefused(t *testing.T) {
	apply := func(key, subresource, manifest string) func(*world) error {
		return func(w *world) error {
			_, err := w.Do(w.applying("me", "deployments", key, subresource, manifest))
			return err
		}
	}
	const head = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}"
	testRefusals(t, func(w *world) {
		w.mustCreate("deployments", "default", newDeployment("web", 1))
	}, []refusal{
		{"no manager", func(w *world) error {
			_, err := w.apply("", "deployments", "default/web", head+"}")
			return err
		}, `422 Invalid: PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch`},
		{"not YAML", apply("default/web", "", "a: ]"), `400 BadRequest: error encoding patch: yaml: did not find expected node content`},
		{"not JSON", apply("default/web", "", "{"), `400 BadRequest: error decoding patch: error converting YAML to JSON: yaml: line 1: did not find expected node content`},
		{"a list", apply("default/web", "", "[]"), `400 BadRequest: error decoding patch: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}`},
		{"empty", apply("default/web", "", ""), `400 BadRequest: invalid object type: /, Kind=`},
		{"another kind", apply("default/web", "", "{apiVersion: v1, kind: Pod, metadata: {name: web}}"), `400 BadRequest: invalid object type: /v1, Kind=Pod`},
		{"another name", apply("default/web", "", "{apiVersion: apps/v1, kind: Deployment, metadata: {name: db}}"),
			`400 BadRequest: the name of the object (db) does not match the name on the URL (web)`},
		{"no name", apply("default/new", "", "{apiVersion: apps/v1, kind: Deployment}"),
			`400 BadRequest: the name of the object (new based on URL) was undeterminable: name must be provided`},
		{"another namespace", apply("default/web", "", "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: other}}"),
			`400 BadRequest: the namespace of the provided object does not match the namespace sent on the request`},
		{"unknown field", apply("default/web", "", head+", spec: {colour: red}}"),
			`500 : failed to create typed patch object (/web; apps/v1, Kind=Deployment): .spec.colour: field not declared in schema`},
		{"managed fields", apply("default/web", "", "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, managedFields: []}}"),
			`400 BadRequest: metadata.managedFields must be nil`},
		{"stale", apply("default/web", "", "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, resourceVersion: '1', labels: {a: b}}}"),
			`409 Conflict: Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again`},
		{"uid of nothing", apply("default/new", "", "{apiVersion: apps/v1, kind: Deployment, metadata: {name: new, uid: x}}"),
			`409 Conflict: Operation cannot be fulfilled on deployments.apps "new": uid mismatch: the provided object specified uid x, and no existing object was found`},
		{"status of nothing", apply("default/new", "status", "{apiVersion: apps/v1, kind: Deployment, metadata: {name: new}}"),
			`404 NotFound: deployments.apps "new" not found`},
		{"scale of nothing", apply("default/new", "scale", "{apiVersion: autoscaling/v1, kind: Scale, metadata: {name: new}}"),
			`404 NotFound: deployments.apps "new" not found`},
		{"not valid", apply("default/web", "", head+", spec: {replicas: -1}}"),
			`409 Conflict: Apply failed with 1 conflict: conflict with "before-first-apply" using apps/v1: .spec.replicas`},
		{"new and not valid", apply("default/new", "", strings.ReplaceAll(fmt.Sprintf(appliedDeployment, -1, "1"), "name: web, labels", "name: new, labels")),
			`422 Invalid: Deployment.apps "new" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0`},
		{"twice", func(w *world) error {
			req := w.applying("me", "configmaps", "default/c", "", configMap("a: '1'", "a: '2'"))
			req.PatchOptions.FieldValidation = metav1.FieldValidationStrict
			_, err := w.Do(req)
			return err
		}, "400 BadRequest: error strict decoding patch: error converting YAML to JSON: yaml: unmarshal errors:\n  line 6: key \"a\" already set in map"},
	})
}

func TestApplyInTwoVersions(t *testing.T) {
	w := newWorld(t)
	const old = "{apiVersion: v1, kind: Event, metadata: {name: e}, involvedObject: {kind: Pod, namespace: default, name: web}, type: Normal, reason: Ran, message: it ran}"
	w.mustApply("me", "events", "default/e", old)
	apply := func(manager, manifest string) (Response, error) {
		req := w.applying(manager, "events", "default/e", "", manifest)
		req.Resource.Group, req.Resource.Version = "events.k8s.io", "v1"
		return w.Do(req)
	}
	_, err := apply("you", "{apiVersion: events.k8s.io/v1, kind: Event, metadata: {name: e}, note: it walked}")
	require.Equal(t, `409 Conflict: Apply failed with 1 conflict: conflict with "me": .message`, answer(err))
	_, err = apply("you", "{apiVersion: events.k8s.io/v1, kind: Event, metadata: {name: e}, deprecatedCount: 3}")
	require.Equal(t, `422 Invalid: Event "e" is invalid: count: Invalid value: 3: field is immutable`, answer(err), "the newer group has stricter rules")
	res, err := apply("you", "{apiVersion: events.k8s.io/v1, kind: Event, metadata: {name: e, labels: {a: b}}, note: it ran}")
	require.NoError(t, err)
	require.Contains(t, managers(res.Object.(kinds.Object)), `you Apply events.k8s.io/v1 00:00:00 {"f:metadata":{"f:labels":{"f:a":{}}},"f:note":{}}`)
}

// TestApplyOfAnything asks for no more than an answer that is not a success.
func TestApplyOfAnything(t *testing.T) {
	w := newWorld(t)
	for _, manifest := range []string{
		"null", "3", "'text'", "{}", "{kind: 3}", "{apiVersion: 1, kind: ConfigMap}", "{apiVersion: v1, kind: ConfigMap, metadata: text}",
		"{apiVersion: v1, kind: ConfigMap, metadata: [1]}", "{apiVersion: v1, kind: ConfigMap, metadata: {name: 3}}",
		"{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: [1]}", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: {b: c}}}",
		"{apiVersion: v1, kind: ConfigMap, metadata: {name: c, labels: 7}}", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, managedFields: 7}}",
		"{apiVersion: v1, kind: ConfigMap, metadata: {name: c, ownerReferences: [{uid: 1}, {uid: 1}]}}", "\xff\xfe", "a: &a [*a, *a]",
		strings.Repeat("[", 10000), "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: " + strings.Repeat("{a: ", 5000) + "1" + strings.Repeat("}", 5001),
	} {
		_, err := w.apply("me", "configmaps", "default/c", manifest)
		require.Error(t, err, "%.80s", manifest)
	}
}

func TestApplyWarnsOfWhatIsThereTwice(t *testing.T) {
	w := newWorld(t)
	req := w.applying("me", "configmaps", "default/c", "", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  a: k\n  a: m\n  b: k\n  b: m\n")
	for directive, want := range map[string][]string{
		"":                           {`line 6: key "a" already set in map`, `line 8: key "b" already set in map`},
		metav1.FieldValidationWarn:   {`line 6: key "a" already set in map`, `line 8: key "b" already set in map`},
		metav1.FieldValidationIgnore: nil,
	} {
		req.PatchOptions.FieldValidation = directive
		res, err := w.Do(req)
		require.NoError(t, err)
		require.Equal(t, want, res.Warnings, directive)
	}
}
