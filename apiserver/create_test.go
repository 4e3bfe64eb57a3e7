package apiserver

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
)

func TestCreateFillsIn(t *testing.T) {
	w := newWorld(t)
	given := newPodObject("web")
	given.UID = "mine"
	given.Generation = 7
	given.Status.Phase = corev1.PodRunning
	given.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "m"}}

	pod := w.mustCreate("pods", "default", given).(*corev1.Pod)

	require.Equal(t, "default", pod.Namespace)
	require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, pod.UID)
	require.Equal(t, w.now.Truncate(time.Second), pod.CreationTimestamp.Time, "as precise as JSON")
	require.Equal(t, strconv.FormatInt(w.revision(), 10), pod.ResourceVersion)
	require.EqualValues(t, 1, pod.Generation)
	require.Equal(t, corev1.PodPending, pod.Status.Phase)
	require.Empty(t, pod.ManagedFields)
	require.Equal(t, "Pod", pod.Kind)

	require.Equal(t, corev1.RestartPolicyAlways, pod.Spec.RestartPolicy, "defaults")
	require.Equal(t, "default", pod.Spec.ServiceAccountName, "admission")
	require.Equal(t, ptr.To[int32](0), pod.Spec.Priority)
	require.Equal(t, ptr.To(corev1.PreemptLowerPriority), pod.Spec.PreemptionPolicy)
	require.Len(t, pod.Spec.Tolerations, 2)
	require.Equal(t, corev1.TaintNodeNotReady, pod.Spec.Tolerations[0].Key)
	require.Equal(t, ptr.To[int64](300), pod.Spec.Tolerations[1].TolerationSeconds)
	require.Same(t, pod, w.get("pods", "default/web"))
}

func TestCreateRecordsWhoDidIt(t *testing.T) {
	w := newWorld(t)
	req := w.request(Create, "pods", "default/")
	req.Object = newPodObject("web")
	req.Origin.Reason = "have 0 of 1 pods"
	_, err := w.Do(req)
	require.NoError(t, err)
	change, err := w.Store.Snapshot().Change(w.revision())
	require.NoError(t, err)
	require.Equal(t, "tester", change.Actor)
	require.Equal(t, "have 0 of 1 pods", change.Reason)
}

func TestCreateRefused(t *testing.T) {
	create := func(plural, namespace string, change func(*corev1.Pod)) func(*world) error {
		return func(w *world) error {
			pod := newPodObject("web")
			if change != nil {
				change(pod)
			}
			_, err := w.create(plural, namespace, pod)
			return err
		}
	}
	testRefusals(t, func(w *world) {
		w.mustCreate("pods", "default", newPodObject("taken"))
		ending := newPodObject("ending")
		ending.Finalizers = []string{"example.com/wait"}
		w.mustCreate("pods", "default", ending)
		_, err := w.delete("pods", "default/ending", nil)
		require.NoError(t, err)
		w.mustCreate("namespaces", "", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "leaving"}})
		_, err = w.delete("namespaces", "leaving", nil)
		require.NoError(t, err)
	}, []refusal{
		{"name is taken", create("pods", "default", func(p *corev1.Pod) { p.Name = "taken" }),
			`409 AlreadyExists: pods "taken" already exists`},
		{"name is taken by an object on its way out", create("pods", "default", func(p *corev1.Pod) { p.Name = "ending" }),
			`409 AlreadyExists: object is being deleted: pods "ending" already exists`},
		{"namespace is missing", create("pods", "nowhere", nil),
			`404 NotFound: namespaces "nowhere" not found`},
		{"namespace is terminating", create("pods", "leaving", nil),
			`403 Forbidden: pods "web" is forbidden: unable to create new content in namespace leaving because it is being terminated`},
		{"namespaces differ", create("pods", "default", func(p *corev1.Pod) { p.Namespace = "other" }),
			`400 BadRequest: the namespace of the provided object does not match the namespace sent on the request`},
		{"no name", create("pods", "default", func(p *corev1.Pod) { p.Name = "" }),
			`422 Invalid: Pod "" is invalid: metadata.name: Required value: name or generateName is required`},
		{"not valid", create("pods", "default", func(p *corev1.Pod) { p.Spec.Containers = nil }),
			`422 Invalid: Pod "web" is invalid: spec.containers: Required value`},
		{"resourceVersion", create("pods", "default", func(p *corev1.Pod) { p.ResourceVersion = "5" }),
			`500 : resourceVersion should not be set on objects to be created`},
		{"service account is missing", create("pods", "default", func(p *corev1.Pod) { p.Spec.ServiceAccountName = "robot" }),
			`403 Forbidden: pods "web" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found`},
		{"priority class is missing", create("pods", "default", func(p *corev1.Pod) { p.Spec.PriorityClassName = "gold" }),
			`403 Forbidden: pods "web" is forbidden: no PriorityClass with name gold was found`},
		{"dry run of a taken name", func(w *world) error {
			req := w.request(Create, "pods", "default/")
			req.Object, req.CreateOptions = newPodObject("taken"), &metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}
			_, err := w.Do(req)
			return err
		}, `409 AlreadyExists: pods "taken" already exists`},
		{"priority by hand", create("pods", "default", func(p *corev1.Pod) { p.Spec.Priority = ptr.To[int32](5) }),
			`403 Forbidden: pods "web" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name`},
		{"another kind", create("configmaps", "default", nil),
			`400 BadRequest: the object provided is unrecognized (must be of type ConfigMap): got *v1.Pod`},
		{"unknown resource", func(w *world) error {
			_, err := w.Do(Request{Verb: Create, Resource: schema.GroupVersionResource{Group: "example.com", Version: "v1", Resource: "widgets"}})
			return err
		}, `404 NotFound: the server could not find the requested resource (create widgets.example.com)`},
		{"unknown version", func(w *world) error {
			_, err := w.Do(Request{Verb: Get, Resource: schema.GroupVersionResource{Group: "apps", Version: "v1beta1", Resource: "deployments"}, Name: "web"})
			return err
		}, `404 NotFound: the server could not find the requested resource (get deployments.apps web)`},
	})
}

func TestTerminatingNamespaceHasACause(t *testing.T) {
	w := newWorld(t)
	w.mustCreate("namespaces", "", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "leaving"}})
	_, err := w.delete("namespaces", "leaving", nil)
	require.NoError(t, err)
	_, err = w.create("pods", "leaving", newPodObject("web"))
	require.True(t, hasCause(err, corev1.NamespaceTerminatingCause))
}

func TestGenerateName(t *testing.T) {
	w := newWorld(t)
	names := map[string]bool{}
	for range 50 {
		pod := w.mustCreate("pods", "default", templatedPod())
		require.Regexp(t, `^web-5d9c7b8f6d-[bcdfghjklmnpqrstvwxz2456789]{5}$`, pod.GetName())
		names[pod.GetName()] = true
	}
	require.Len(t, names, 50)
}

func TestGeneratedNamesAreCutToFit(t *testing.T) {
	w := newWorld(t)
	pod := newPodObject("")
	pod.GenerateName = "a-name-that-is-longer-than-fifty-eight-characters-and-so-is-cut-"
	require.Len(t, w.mustCreate("pods", "default", pod).GetName(), 63)
}

// A world whose every draw is the same must give up, as upstream does.
func TestGenerateNameGivesUp(t *testing.T) {
	w := newWorld(t)
	for attempt := range uint64(nameAttempts) {
		// The revision moves on with each of these, so they are made for the
		// one at which the last create comes.
		last := w.revision() + int64(nameAttempts-attempt) + 1
		w.mustCreate("pods", "default", newPodObject("web-"+suffix(draw(w.Seed, last, drawName+attempt))))
	}
	pod := newPodObject("")
	pod.GenerateName = "web-"
	_, err := w.create("pods", "default", pod)
	require.Contains(t, answer(err), "409 AlreadyExists: pods \"web-")
	require.Contains(t, answer(err), "already exists, the server was not able to generate a unique name for the object")
}

func TestSameSeedSameIdentities(t *testing.T) {
	a, b := newWorld(t), newWorld(t)
	x, y := a.mustCreate("pods", "default", templatedPod()), b.mustCreate("pods", "default", templatedPod())
	require.Equal(t, x, y)

	b.Seed = 2
	x, y = a.mustCreate("pods", "default", templatedPod()), b.mustCreate("pods", "default", templatedPod())
	require.NotEqual(t, x.GetUID(), y.GetUID())
	require.NotEqual(t, x.GetName(), y.GetName())
}

func TestDryRunLeavesNoTrace(t *testing.T) {
	w := newWorld(t)
	before := w.revision()
	req := w.request(Create, "services", "default/")
	req.Object = clusterIPService("web")
	req.CreateOptions = &metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}
	res, err := w.Do(req)
	require.NoError(t, err)
	require.NotEmpty(t, res.Object.(*corev1.Service).Spec.ClusterIP)
	require.Empty(t, res.Object.(*corev1.Service).ResourceVersion)
	require.Equal(t, before, w.revision())
	require.Nil(t, w.get("services", "default/web"))
	for ip := range w.Store.Snapshot().Rows(clusterIPs, "") {
		t.Errorf("%s is still taken", ip)
	}
}

func TestNewObjectWithResourceVersion(t *testing.T) {
	w := newWorld(t)
	for revision, made := range map[string]bool{"": true, "0": true, "new": true, "5": false} {
		pod := newPodObject("pod" + revision)
		pod.ResourceVersion = revision
		rehearsal := w.request(Create, "pods", "default/")
		rehearsal.Object, rehearsal.CreateOptions = pod.DeepCopy(), &metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}
		_, err := w.Do(rehearsal)
		require.NoError(t, err, "a dry run does not ask the storage (%q)", revision)
		req := w.request(Create, "pods", "default/")
		req.Object = pod
		_, err = w.Do(req)
		require.Equal(t, made, err == nil, "%q: %v", revision, err)
	}
}

func TestDuplicateOwnersAreDropped(t *testing.T) {
	w := newWorld(t)
	pod := templatedPod()
	pod.OwnerReferences = append(pod.OwnerReferences, pod.OwnerReferences[0])
	req := w.request(Create, "pods", "default/")
	req.Object = pod
	res, err := w.Do(req)
	require.NoError(t, err)
	require.Len(t, res.Object.(*corev1.Pod).OwnerReferences, 1)
	require.Contains(t, res.Warnings, ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: 4f6f3a86-8fb5-4ba4-a3c4-2b6d32b9a1d0")
}

// A patch is looked at when admission has seen it.
func TestDuplicateOwnersOfAPatchAreDropped(t *testing.T) {
	w := newWorld(t)
	pod := templatedPod()
	owner := pod.OwnerReferences[0]
	created := w.mustCreate("pods", "default", pod)
	req := w.request(Patch, "pods", "default/"+created.GetName())
	req.PatchType, req.Patch = types.JSONPatchType, []byte(`[{"op":"copy","from":"/metadata/ownerReferences/0","path":"/metadata/ownerReferences/-"}]`)
	res, err := w.Do(req)
	require.NoError(t, err)
	require.Len(t, res.Object.(*corev1.Pod).OwnerReferences, 1)
	require.Contains(t, res.Warnings, ".metadata.ownerReferences contains duplicate entries after mutating admission happens; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: "+string(owner.UID))
}

func TestCreateInAnotherVersion(t *testing.T) {
	w := newWorld(t)
	res, err := w.Do(Request{
		Verb:      Create,
		Resource:  eventsv1.SchemeGroupVersion.WithResource("events"),
		Namespace: "default",
		Object: &eventsv1.Event{
			ObjectMeta:          metav1.ObjectMeta{Name: "e"},
			EventTime:           metav1.NewMicroTime(w.now),
			ReportingController: "example.com/c", ReportingInstance: "c-0",
			Action: "Run", Reason: "Ran", Type: "Normal", Note: "it ran",
			Regarding: corev1.ObjectReference{Kind: "Pod", Namespace: "default", Name: "web"},
		},
	})
	require.NoError(t, err)
	event := res.Object.(*corev1.Event)
	require.Equal(t, "it ran", event.Message)
	require.Equal(t, "web", event.InvolvedObject.Name)
}
