package apiserver

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/minik8s/minik8s/kinds"
)

// write does a create or update of an object by a program.
func (w *world) write(verb Verb, program, plural, subresource string, obj kinds.Object) kinds.Object {
	w.Helper()
	req := by(program, w.request(verb, plural, "default/"))
	req.Subresource, req.Object = subresource, obj
	res, err := w.Do(req)
	require.NoError(w, err)
	return res.Object.(kinds.Object)
}

func TestManagersOfUpdates(t *testing.T) {
	w := newWorld(t)
	c := w.write(Create, "curl", "configmaps", "", &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "c"}, Data: map[string]string{"a": "1", "b": "1"}})
	require.Equal(t, `curl Update v1 00:00:00 {"f:data":{".":{},"f:a":{},"f:b":{}}}`+"\n", managers(c))

	w.now = w.now.Add(time.Minute)
	changed := copyOf[*corev1.ConfigMap](c)
	changed.Data["a"] = "2"
	changed.ManagedFields = nil // an old client does not know them
	c = w.write(Update, "editor", "configmaps", "", changed)
	require.Equal(t, `curl Update v1 00:00:00 {"f:data":{".":{},"f:b":{}}}
editor Update v1 00:01:00 {"f:data":{"f:a":{}}}
`, managers(c))

	w.now = w.now.Add(time.Minute)
	req := by("patcher", w.request(Patch, "configmaps", "default/c"))
	req.PatchType, req.Patch = types.MergePatchType, []byte(`{"data":{"b":null}}`)
	_, err := w.Do(req)
	require.NoError(t, err)
	require.Equal(t, `curl Update v1 00:00:00 {"f:data":{}}
editor Update v1 00:01:00 {"f:data":{"f:a":{}}}
`, managers(w.get("configmaps", "default/c")), "who removes a field does not own it")
}

// The count of templates is no annotation in upstream's internal version, but
// it is one that whoever writes a DaemonSet manages.
func TestManagerOfATemplateCount(t *testing.T) {
	w := newWorld(t)
	labels := map[string]string{"app": "log"}
	o := w.write(Create, "curl", "daemonsets", "", &appsv1.DaemonSet{
		ObjectMeta: metav1.ObjectMeta{Name: "log"},
		Spec: appsv1.DaemonSetSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: newPodObject("").Spec},
		},
	})
	require.Contains(t, managers(o), `"f:annotations":{".":{},"f:deprecated.daemonset.template.generation":{}}`)
	require.Equal(t, "1", o.GetAnnotations()[appsv1.DeprecatedTemplateGeneration])
}

func TestStatusHasManagersOfItsOwn(t *testing.T) {
	w := newWorld(t)
	pod := newPodObject("web")
	pod.Status.Message = "not mine to set"
	o := w.write(Create, "kubectl", "pods", "", pod)
	require.NotContains(t, managers(o), "f:status")
	running := copyOf[*corev1.Pod](o)
	running.Status.Phase = corev1.PodRunning
	running.Spec.Containers[0].Image = "ignored"
	o = w.write(Update, "kubelet", "pods", "status", running)
	require.Equal(t, `kubelet Update status v1 00:00:00 {"f:status":{"f:phase":{}}}`, strings.Split(managers(o), "\n")[1])
}

func TestComponentsLeaveManagersAlone(t *testing.T) {
	w := newWorld(t)
	c := w.write(Create, "kubectl", "configmaps", "", &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "c"}, Data: map[string]string{"a": "1"}})
	changed := copyOf[*corev1.ConfigMap](c)
	changed.Data["a"] = "2"
	changed.ManagedFields = nil
	req := by("controller", w.request(Update, "configmaps", "default/c"))
	req.Object, req.Origin.Turn = changed, 7
	res, err := w.Do(req)
	require.NoError(t, err)
	require.Equal(t, c.GetManagedFields(), res.Object.(kinds.Object).GetManagedFields())

	req = by("controller", w.request(Create, "configmaps", "default/"))
	req.Object, req.Origin.Turn = &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "own", ManagedFields: c.GetManagedFields()}}, 8
	res, err = w.Do(req)
	require.NoError(t, err)
	require.Empty(t, res.Object.(kinds.Object).GetManagedFields())
	o := w.write(Update, "kubectl", "configmaps", "", copyOf[*corev1.ConfigMap](res.Object.(kinds.Object)))
	require.Empty(t, o.GetManagedFields(), "not tracked before the first apply")
}

func TestTheScaleOfAComponentLeavesManagersAlone(t *testing.T) {
	w := newWorld(t)
	d := w.write(Create, "kubectl", "deployments", "", newDeployment("web", 1))
	req := w.request(Update, "deployments", "default/web")
	req.Subresource, req.Origin.Turn = "scale", 7
	req.Object = &autoscalingv1.Scale{ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "default"}, Spec: autoscalingv1.ScaleSpec{Replicas: 3}}
	_, err := w.Do(req)
	require.NoError(t, err)
	require.Equal(t, d.GetManagedFields(), w.get("deployments", "default/web").GetManagedFields())
}

func TestAClientMayWriteManagers(t *testing.T) {
	w := newWorld(t)
	c := copyOf[*corev1.ConfigMap](w.write(Create, "old", "configmaps", "", &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "c"}, Data: map[string]string{"a": "1"}}))
	c.ManagedFields[0].Manager = "new"
	c = copyOf[*corev1.ConfigMap](w.write(Update, "kubectl", "configmaps", "", c))
	require.Equal(t, `new Update v1 00:00:00 {"f:data":{".":{},"f:a":{}}}`+"\n", managers(c))

	c.ManagedFields[0].Operation = "Nonsense"
	o := w.write(Update, "kubectl", "configmaps", "", c)
	require.Equal(t, `new Update v1 00:00:00 {"f:data":{".":{},"f:a":{}}}`+"\n", managers(o), "nonsense is not heard")

	c = copyOf[*corev1.ConfigMap](o)
	c.ManagedFields = []metav1.ManagedFieldsEntry{{}}
	require.Empty(t, w.write(Update, "kubectl", "configmaps", "", c).GetManagedFields(), "an empty entry resets")
}

// TestOldManagersAreMergedByTheWorldsClock holds although the world's clock is
// behind the real one, or ahead.
func TestOldManagersAreMergedByTheWorldsClock(t *testing.T) {
	for _, years := range []int{-20, 300} {
		w := newWorld(t)
		w.now = w.now.AddDate(years, 0, 0)
		o := w.write(Create, "m0", "configmaps", "", &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "c"}, Data: map[string]string{"0": ""}})
		for i := range 12 {
			w.now = w.now.Add(time.Second)
			c := copyOf[*corev1.ConfigMap](o)
			name := string(rune('a' + i))
			c.Data[name] = ""
			o = w.write(Update, name, "configmaps", "", c)
		}
		text := managers(o)
		require.True(t, strings.HasPrefix(text, `ancient-changes Update v1 00:00:03 {"f:data":{".":{},"f:0":{},"f:a":{},"f:b":{},"f:c":{}}}`), text)
		require.Equal(t, 10, strings.Count(text, "\n"))
		require.Contains(t, text, `l Update v1 00:00:12`)
	}
}

func TestManagerOfProgram(t *testing.T) {
	require.Equal(t, "kubectl", managerOfProgram("kubectl/v1.37.2 (linux/amd64)"))
	require.Equal(t, "ab", managerOfProgram("a\x00b"))
	require.Empty(t, managerOfProgram(""))
	require.Len(t, managerOfProgram(strings.Repeat("é", 100)), 128)
}

func TestResetPaths(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct{ plural, subresource, want string }{
		{"deployments", "", "[status]"},
		{"deployments", "status", "[spec metadata.labels]"},
		{"deployments", "scale", "[]"},
		{"pods", "status", "[spec metadata.deletionTimestamp metadata.ownerReferences]"},
		{"services", "status", "[spec]"},
		{"namespaces", "finalize", "[status]"},
		{"volumeattachments", "status", "[spec metadata]"},
		{"csinodes", "status", "[spec metadata]"},
		{"certificatesigningrequests", "", "[spec status]"},
		{"certificatesigningrequests", "status", "[spec status.conditions]"},
		{"certificatesigningrequests", "approval", "[spec status.certificate]"},
		{"configmaps", "", "[]"},
	} {
		r := w.resources[w.resourceOf(tt.plural).GroupResource()]
		require.Equal(t, tt.want, fmt.Sprint(resetPaths(r.Kind, tt.subresource)), "%s %s", tt.plural, tt.subresource)
	}
}

func TestEveryServedKindHasAFieldSchema(t *testing.T) {
	schemas, err := fieldSchemas()
	require.NoError(t, err)
	for _, k := range kinds.All() {
		if !k.IsStored() {
			continue
		}
		for _, gv := range servedVersions(k) {
			o, err := fieldConverter{kinds.Scheme()}.ConvertToVersion(k.New(), gv)
			require.NoError(t, err)
			require.Equal(t, gv.WithKind(k.Kind), o.GetObjectKind().GroupVersionKind())
			_, err = schemas.ObjectToTyped(o)
			require.NoError(t, err, "%s %s", gv, k.Kind)
		}
	}
}
