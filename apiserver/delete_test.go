package apiserver

import (
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
)

// boundPod is a pod that a kubelet has.
func (w *world) boundPod(name string) *corev1.Pod {
	w.mustCreate("pods", "default", newPodObject(name))
	require.NoError(w, w.bind("default/"+name, "node-1"))
	return w.get("pods", "default/"+name).(*corev1.Pod)
}

func TestDeleteAtOnce(t *testing.T) {
	w := newWorld(t)
	d := w.mustCreate("deployments", "default", newDeployment("web", 1))
	out, err := w.delete("deployments", "default/web", nil)
	require.NoError(t, err)
	require.Equal(t, &metav1.Status{
		Status:  "Success",
		Details: &metav1.StatusDetails{Name: "web", Group: "apps", Kind: "deployments", UID: d.GetUID()},
	}, out)
	require.Nil(t, w.get("deployments", "default/web"))

	w.mustCreate("pods", "default", newPodObject("unbound"))
	out, err = w.delete("pods", "default/unbound", nil)
	require.NoError(t, err)
	pod := out.(*corev1.Pod)
	require.Equal(t, strconv.FormatInt(w.revision(), 10), pod.ResourceVersion, "of a pod, the pod as of its deletion")
	require.NotNil(t, pod.DeletionTimestamp)
	require.EqualValues(t, 0, *pod.DeletionGracePeriodSeconds)
	require.EqualValues(t, 2, pod.Generation)
}

func TestDeletePodGracefully(t *testing.T) {
	w := newWorld(t)
	bound := w.boundPod("web")
	out, err := w.delete("pods", "default/web", nil)
	require.NoError(t, err)
	pod := out.(*corev1.Pod)
	require.Equal(t, seconds(w.now.Add(30*time.Second)), *pod.DeletionTimestamp)
	require.EqualValues(t, 30, *pod.DeletionGracePeriodSeconds)
	require.Equal(t, bound.Generation+1, pod.Generation)
	require.Nil(t, bound.DeletionTimestamp, "the stored object is not changed")

	before := w.revision()
	out, err = w.delete("pods", "default/web", nil)
	require.NoError(t, err)
	require.Same(t, pod, out, "once more changes nothing")
	_, err = w.delete("pods", "default/web", &metav1.DeleteOptions{GracePeriodSeconds: ptr.To[int64](60)})
	require.NoError(t, err, "a longer period is not heard")
	require.Equal(t, before, w.revision())

	w.now = w.now.Add(2 * time.Second)
	out, err = w.delete("pods", "default/web", &metav1.DeleteOptions{GracePeriodSeconds: ptr.To[int64](5)})
	require.NoError(t, err)
	shortened := out.(*corev1.Pod)
	require.Equal(t, seconds(w.now.Add(3*time.Second)), *shortened.DeletionTimestamp, "five seconds from the first request")
	require.EqualValues(t, 5, *shortened.DeletionGracePeriodSeconds)
	require.Equal(t, pod.Generation, shortened.Generation)

	_, err = w.delete("pods", "default/web", &metav1.DeleteOptions{GracePeriodSeconds: ptr.To[int64](0)})
	require.NoError(t, err, "the kubelet has stopped it")
	require.Nil(t, w.get("pods", "default/web"))
}

func TestShortenedPastItsEnd(t *testing.T) {
	w := newWorld(t)
	w.boundPod("web")
	_, err := w.delete("pods", "default/web", nil)
	require.NoError(t, err)
	w.now = w.now.Add(10 * time.Second)
	out, err := w.delete("pods", "default/web", &metav1.DeleteOptions{GracePeriodSeconds: ptr.To[int64](5)})
	require.NoError(t, err)
	require.EqualValues(t, 1, *out.(*corev1.Pod).DeletionGracePeriodSeconds, "still graceful, as short as can be")
	require.Equal(t, seconds(w.now), *out.(*corev1.Pod).DeletionTimestamp)
}

func TestNegativeGracePeriodIsOneSecond(t *testing.T) {
	w := newWorld(t)
	w.boundPod("web")
	out, err := w.delete("pods", "default/web", &metav1.DeleteOptions{GracePeriodSeconds: ptr.To[int64](-1)})
	require.NoError(t, err)
	require.EqualValues(t, 1, *out.(*corev1.Pod).DeletionGracePeriodSeconds)
}

func TestPropagation(t *testing.T) {
	foreground, background, orphan := metav1.DeletePropagationForeground, metav1.DeletePropagationBackground, metav1.DeletePropagationOrphan
	for _, tt := range []struct {
		name    string
		before  []string
		opts    metav1.DeleteOptions
		want    []string
		removed bool
	}{
		{name: "default", removed: true},
		{name: "background", opts: metav1.DeleteOptions{PropagationPolicy: &background}, removed: true},
		{name: "foreground", opts: metav1.DeleteOptions{PropagationPolicy: &foreground}, want: []string{"foregroundDeletion"}},
		{name: "orphan", opts: metav1.DeleteOptions{PropagationPolicy: &orphan}, want: []string{"orphan"}},
		{name: "orphanDependents", opts: metav1.DeleteOptions{OrphanDependents: ptr.To(true)}, want: []string{"orphan"}},
		{name: "orphanDependents=false", opts: metav1.DeleteOptions{OrphanDependents: ptr.To(false)}, removed: true},
		{name: "a finalizer stands in for the option", before: []string{"orphan"}, want: []string{"orphan"}},
		{name: "the option wins over the finalizer", before: []string{"orphan"}, opts: metav1.DeleteOptions{PropagationPolicy: &foreground}, want: []string{"foregroundDeletion"}},
		{name: "background drops the finalizer", before: []string{"orphan"}, opts: metav1.DeleteOptions{PropagationPolicy: &background}, removed: true},
		{name: "other finalizers stay", before: []string{"example.com/wait"}, opts: metav1.DeleteOptions{PropagationPolicy: &foreground}, want: []string{"example.com/wait", "foregroundDeletion"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			d := newDeployment("web", 1)
			d.Finalizers = tt.before
			w.mustCreate("deployments", "default", d)
			_, err := w.delete("deployments", "default/web", &tt.opts)
			require.NoError(t, err)
			if tt.removed {
				require.Nil(t, w.get("deployments", "default/web"))
				return
			}
			out := w.get("deployments", "default/web").(*appsv1.Deployment)
			require.Equal(t, tt.want, out.Finalizers)
			require.Equal(t, seconds(w.now), *out.DeletionTimestamp)
			require.EqualValues(t, 0, *out.DeletionGracePeriodSeconds)
			require.EqualValues(t, 2, out.Generation)
		})
	}
}

// Kinds that are older than garbage collection leave their Pods behind, unless
// they are told what to do.
func TestOrphansByDefault(t *testing.T) {
	template := newPodObject("web")
	template.Spec.RestartPolicy = corev1.RestartPolicyNever
	pod := corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "web"}}, Spec: template.Spec}
	always := *pod.DeepCopy()
	always.Spec.RestartPolicy = corev1.RestartPolicyAlways
	const preserved = "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning"
	for plural, tt := range map[string]struct {
		obj      runtime.Object
		warnings []string
	}{
		"replicationcontrollers": {obj: &corev1.ReplicationController{ObjectMeta: metav1.ObjectMeta{Name: "web"}, Spec: corev1.ReplicationControllerSpec{Template: &always}}},
		"jobs":                   {obj: &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "web"}, Spec: batchv1.JobSpec{Template: pod}}, warnings: []string{preserved}},
	} {
		for _, verb := range []Verb{Delete, DeleteCollection} {
			t.Run(plural+" "+string(verb), func(t *testing.T) {
				w := newWorld(t)
				w.mustCreate(plural, "default", tt.obj.DeepCopyObject())
				req := w.request(verb, plural, "default/web")
				if verb == DeleteCollection {
					req.Name = ""
				}
				req.DeleteOptions = &metav1.DeleteOptions{}
				res, err := w.Do(req)
				require.NoError(t, err)
				require.Equal(t, tt.warnings, res.Warnings)
				require.Equal(t, []string{"orphan"}, w.get(plural, "default/web").GetFinalizers())

				req.DeleteOptions = &metav1.DeleteOptions{PropagationPolicy: ptr.To(metav1.DeletePropagationBackground)}
				res, err = w.Do(req)
				require.NoError(t, err)
				require.Empty(t, res.Warnings)
				require.Nil(t, w.get(plural, "default/web"))
			})
		}
	}
}

func TestLastFinalizerRemovedDeletes(t *testing.T) {
	w := newWorld(t)
	d := newDeployment("web", 1)
	d.Finalizers = []string{"example.com/a", "example.com/b"}
	w.mustCreate("deployments", "default", d)
	_, err := w.delete("deployments", "default/web", nil)
	require.NoError(t, err)
	before := w.revision()
	_, err = w.delete("deployments", "default/web", nil)
	require.NoError(t, err)
	require.Equal(t, before, w.revision(), "a second deletion changes nothing")

	d = copyOf[*appsv1.Deployment](w.get("deployments", "default/web"))
	d.Finalizers = []string{"example.com/b"}
	w.mustUpdate("deployments", "", d)
	require.NotNil(t, w.get("deployments", "default/web"))

	_, err = w.patch("deployments", "default/web", "", types.MergePatchType, `{"metadata":{"finalizers":null}}`)
	require.NoError(t, err)
	require.Nil(t, w.get("deployments", "default/web"))
}

func TestGraceOutlivesFinalizers(t *testing.T) {
	w := newWorld(t)
	pod := newPodObject("web")
	pod.Finalizers = []string{"example.com/a"}
	w.mustCreate("pods", "default", pod)
	require.NoError(t, w.bind("default/web", "node-1"))
	_, err := w.delete("pods", "default/web", nil)
	require.NoError(t, err)
	_, err = w.patch("pods", "default/web", "", types.MergePatchType, `{"metadata":{"finalizers":null}}`)
	require.NoError(t, err)
	require.NotNil(t, w.get("pods", "default/web"), "the kubelet still has it")
}

// A deletion that drops the last finalizer itself removes the object at once.
// Upstream has lost sight of it by then.
func TestDeletionDropsFinalizers(t *testing.T) {
	w := newWorld(t)
	d := newDeployment("web", 1)
	d.Finalizers = []string{"orphan"}
	stored := w.mustCreate("deployments", "default", d)
	background := metav1.DeletePropagationBackground
	start := w.revision()

	out, err := w.delete("deployments", "default/web", &metav1.DeleteOptions{PropagationPolicy: &background, DryRun: []string{"All"}})
	require.NoError(t, err)
	text, err := json.Marshal(out)
	require.NoError(t, err)
	require.JSONEq(t, `{"kind":"Deployment","apiVersion":"apps/v1","metadata":{},"spec":{"replicas":0,"selector":null,"template":{"metadata":{},"spec":{"containers":null}},"strategy":{}},"status":{}}`, string(text))

	revision := stored.GetResourceVersion()
	_, err = w.delete("deployments", "default/web", &metav1.DeleteOptions{PropagationPolicy: &background, Preconditions: &metav1.Preconditions{ResourceVersion: &revision}})
	require.Equal(t, `409 Conflict: Operation cannot be fulfilled on deployments.apps "web": StorageError: invalid object, Code: 4, Key: /registry/deployments/default/web, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ResourceVersion in precondition: , ResourceVersion in object meta: `+revision, answer(err))
	require.Equal(t, start, w.revision())

	uid := stored.GetUID()
	_, err = w.delete("deployments", "default/web", &metav1.DeleteOptions{PropagationPolicy: &background, Preconditions: &metav1.Preconditions{UID: &uid}})
	require.NoError(t, err)
	require.Equal(t, []string{"DELETED by tester: web, grace -, generation 1"}, w.deletionsSeen("deployments", start))
}

// Events take no part in garbage collection: its finalizers do not hold them.
func TestUncollectedKindsDropFinalizers(t *testing.T) {
	w := newWorld(t)
	about := corev1.ObjectReference{Kind: "Pod", Namespace: "default", Name: "web"}
	w.mustCreate("events", "default", &corev1.Event{ObjectMeta: metav1.ObjectMeta{Name: "e", Finalizers: []string{"orphan"}}, InvolvedObject: about})
	_, err := w.delete("events", "default/e", &metav1.DeleteOptions{PropagationPolicy: ptr.To(metav1.DeletePropagationForeground)})
	require.NoError(t, err)
	require.Nil(t, w.get("events", "default/e"))
}

func TestDeleteRefused(t *testing.T) {
	uid := types.UID("other")
	both := &metav1.DeleteOptions{OrphanDependents: ptr.To(true), PropagationPolicy: ptr.To(metav1.DeletePropagationOrphan)}
	deletes := func(plural, key string, opts *metav1.DeleteOptions) func(*world) error {
		return func(w *world) error {
			_, err := w.delete(plural, key, opts)
			return err
		}
	}
	testRefusals(t, func(w *world) {
		w.mustCreate("pods", "default", newPodObject("web"))
	}, []refusal{
		{"missing", deletes("pods", "default/db", nil), `404 NotFound: pods "db" not found`},
		{"uid", deletes("pods", "default/web", &metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid}}),
			`409 Conflict: Operation cannot be fulfilled on Pod "web": the UID in the precondition (other) does not match the UID in record (` + uidAt(2) + `). The object might have been deleted and then recreated`},
		{"resourceVersion", deletes("pods", "default/web", &metav1.DeleteOptions{Preconditions: &metav1.Preconditions{ResourceVersion: ptr.To("1")}}),
			`409 Conflict: Operation cannot be fulfilled on Pod "web": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (2). The object might have been modified`},
		{"options", deletes("pods", "default/web", both),
			`422 Invalid: DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set`},
		{"the default namespace", deletes("namespaces", "default", nil),
			`403 Forbidden: namespaces "default" is forbidden: this namespace may not be deleted`},
		{"dry run", func(w *world) error {
			_, err := w.delete("pods", "default/web", &metav1.DeleteOptions{DryRun: []string{"All"}})
			return err
		}, "ok"},
	})
}

func TestDeleteCollection(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"a", "b", "c"} {
		pod := newPodObject(name)
		if name == "b" {
			pod.Labels["app"] = "db"
		}
		w.mustCreate("pods", "default", pod)
	}
	req := w.request(DeleteCollection, "pods", "default/")
	req.ListOptions = &metav1.ListOptions{LabelSelector: "app=web"}
	res, err := w.Do(req)
	require.NoError(t, err)
	require.Len(t, res.Items, 2)
	require.Nil(t, w.get("pods", "default/a"))
	require.NotNil(t, w.get("pods", "default/b"))

	req.Resource, req.Namespace = w.resourceOf("namespaces"), ""
	_, err = w.Do(req)
	require.Equal(t, `405 MethodNotAllowed: deletecollection is not supported on resources of kind "namespaces"`, answer(err))
}

func TestNamespaceLife(t *testing.T) {
	w := newWorld(t)
	ns := w.mustCreate("namespaces", "", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "dev"}}).(*corev1.Namespace)
	require.Equal(t, map[string]string{"kubernetes.io/metadata.name": "dev"}, ns.Labels)
	require.Equal(t, []corev1.FinalizerName{"kubernetes"}, ns.Spec.Finalizers)

	out, err := w.delete("namespaces", "dev", nil)
	require.NoError(t, err)
	going := out.(*corev1.Namespace)
	require.Equal(t, corev1.NamespaceTerminating, going.Status.Phase)
	require.Equal(t, seconds(w.now), *going.DeletionTimestamp)

	before := w.revision()
	out, err = w.delete("namespaces", "dev", nil)
	require.NoError(t, err)
	require.Same(t, going, out)
	require.Equal(t, before, w.revision())

	finalized := copyOf[*corev1.Namespace](going)
	finalized.Spec.Finalizers = nil
	w.mustUpdate("namespaces", "", finalized)
	require.NotEmpty(t, w.get("namespaces", "dev").(*corev1.Namespace).Spec.Finalizers, "only through its subresource")

	finalized = copyOf[*corev1.Namespace](going)
	finalized.Spec.Finalizers = nil
	w.mustUpdate("namespaces", "finalize", finalized)
	require.Nil(t, w.get("namespaces", "dev"))
}

func TestNamespaceWaitsForItsFinalizers(t *testing.T) {
	w := newWorld(t)
	w.mustCreate("namespaces", "", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "dev", Finalizers: []string{"example.com/wait"}}})
	_, err := w.delete("namespaces", "dev", nil)
	require.NoError(t, err)
	ns := copyOf[*corev1.Namespace](w.get("namespaces", "dev"))
	ns.Spec.Finalizers = nil
	w.mustUpdate("namespaces", "finalize", ns)
	require.NotNil(t, w.get("namespaces", "dev"))
	_, err = w.patch("namespaces", "dev", "", types.MergePatchType, `{"metadata":{"finalizers":null}}`)
	require.NoError(t, err)
	require.Nil(t, w.get("namespaces", "dev"))
}

func TestNamespacePreconditions(t *testing.T) {
	uid := types.UID("other")
	testRefusals(t, func(w *world) {
		w.mustCreate("namespaces", "", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "dev"}})
	}, []refusal{{"uid", func(w *world) error {
		_, err := w.delete("namespaces", "dev", &metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid}})
		return err
	}, `409 Conflict: Operation cannot be fulfilled on namespaces "dev": Precondition failed: UID in precondition: other, UID in object meta: ` + uidAt(2)}})
}

// A deletecollection lists in pages, so that the revision that it names is the
// one that it reads.
func TestDeleteCollectionAtRevision(t *testing.T) {
	w := listWorld(t)
	then := strconv.FormatInt(w.revision(), 10)
	w.mustCreate("pods", "default", newPodObject("late"))
	req := w.request(DeleteCollection, "pods", "default/")
	req.DeleteOptions = &metav1.DeleteOptions{DryRun: []string{"All"}}
	for _, tt := range []struct {
		opts         metav1.ListOptions
		want         int
		hasContinued bool
	}{
		{metav1.ListOptions{}, 6, false},
		{metav1.ListOptions{ResourceVersion: then}, 5, false},
		{metav1.ListOptions{ResourceVersion: then, ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan}, 6, false},
		{metav1.ListOptions{ResourceVersion: "0", Limit: 2}, 6, false},
		{metav1.ListOptions{Limit: 2}, 2, true},
	} {
		req.ListOptions = &tt.opts
		res, err := w.Do(req)
		require.NoError(t, err)
		require.Len(t, res.Items, tt.want, "%+v", tt.opts)
		require.Equal(t, tt.hasContinued, res.Continue != "")
	}
}
