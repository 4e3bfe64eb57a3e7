package apiserver

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apiresource "k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/kinds"
)

func newDeployment(name string, replicas int32) *appsv1.Deployment {
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: ptr.To(replicas),
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "web"}},
				Spec:       newPodObject("").Spec,
			},
		},
	}
}

// copyOf is a stored object to change.
func copyOf[T kinds.Object](o kinds.Object) T { return o.DeepCopyObject().(T) }

func TestUpdateKeepsWhatCannotChange(t *testing.T) {
	w := newWorld(t)
	old := w.mustCreate("deployments", "default", newDeployment("web", 1)).(*appsv1.Deployment)
	w.now = w.now.Add(time.Minute)

	d := copyOf[*appsv1.Deployment](old)
	d.UID, d.Generation = "", 99
	d.CreationTimestamp = metav1.Now()
	d.Status.Replicas = 5
	d.Spec.Replicas = ptr.To[int32](2)
	d = w.mustUpdate("deployments", "", d).(*appsv1.Deployment)

	require.Equal(t, old.UID, d.UID)
	require.Equal(t, old.CreationTimestamp, d.CreationTimestamp)
	require.EqualValues(t, 2, d.Generation)
	require.Zero(t, d.Status.Replicas)
	require.EqualValues(t, 1, *old.Spec.Replicas, "the stored object is not changed")
}

func TestUpdateStatusKeepsTheSpec(t *testing.T) {
	w := newWorld(t)
	d := copyOf[*appsv1.Deployment](w.mustCreate("deployments", "default", newDeployment("web", 1)))
	d.Spec.Replicas = ptr.To[int32](9)
	d.Status.Replicas = 1
	d = w.mustUpdate("deployments", "status", d).(*appsv1.Deployment)
	require.EqualValues(t, 1, *d.Spec.Replicas)
	require.EqualValues(t, 1, d.Status.Replicas)
	require.EqualValues(t, 1, d.Generation)
}

func TestUpdateRefused(t *testing.T) {
	update := func(plural, key, subresource string, change func(kinds.Object)) func(*world) error {
		return func(w *world) error {
			obj := w.get(plural, key).DeepCopyObject().(kinds.Object)
			change(obj)
			req := w.request(Update, plural, key)
			req.Subresource, req.Object = subresource, obj
			_, err := w.Do(req)
			return err
		}
	}
	testRefusals(t, func(w *world) {
		d := w.mustCreate("deployments", "default", newDeployment("web", 1))
		changed := copyOf[*appsv1.Deployment](d)
		changed.Spec.Replicas = ptr.To[int32](2)
		w.mustUpdate("deployments", "", changed)
		w.mustCreate("leases", "default", &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: "lock"}})
		w.mustCreate("pods", "default", newPodObject("pod"))
	}, []refusal{
		{"stale", update("deployments", "default/web", "", func(o kinds.Object) { o.SetResourceVersion("2") }),
			`409 Conflict: Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again`},
		{"stale status", update("deployments", "default/web", "status", func(o kinds.Object) { o.SetResourceVersion("2") }),
			`409 Conflict: Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again`},
		{"not a revision", update("deployments", "default/web", "", func(o kinds.Object) { o.SetResourceVersion("new") }),
			`500 : strconv.ParseUint: parsing "new": invalid syntax`},
		{"another name", update("deployments", "default/web", "", func(o kinds.Object) { o.SetName("db") }),
			`400 BadRequest: the name of the object (db) does not match the name on the URL (web)`},
		{"another namespace", update("deployments", "default/web", "", func(o kinds.Object) { o.SetNamespace("dev") }),
			`400 BadRequest: the namespace of the provided object does not match the namespace sent on the request`},
		{"another object of that name", update("pods", "default/pod", "", func(o kinds.Object) { o.SetUID("old") }),
			`409 Conflict: Operation cannot be fulfilled on pods "pod": StorageError: invalid object, Code: 4, Key: /registry/pods/default/pod, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: old, UID in object meta: ` + uidAt(5)},
		{"no resourceVersion, for a lease", update("leases", "default/lock", "", func(o kinds.Object) { o.SetResourceVersion("") }),
			`422 Invalid: leases.coordination.k8s.io "lock" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update`},
		{"not valid", update("deployments", "default/web", "", func(o kinds.Object) { o.(*appsv1.Deployment).Spec.Replicas = ptr.To[int32](-1) }),
			`422 Invalid: Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0`},
		{"missing", func(w *world) error {
			_, err := w.update("deployments", "", func() kinds.Object {
				d := newDeployment("db", 1)
				d.Namespace = "default"
				return d
			}())
			return err
		}, `404 NotFound: deployments.apps "db" not found`},
		{"no such subresource", update("deployments", "default/web", "log", func(kinds.Object) {}),
			`404 NotFound: the server could not find the requested resource (update deployments.apps web)`},
	})
}

// uidAt is what an object gets that is created at a revision of a test world.
func uidAt(revision int64) string { return string(uidFor(1, revision)) }

func TestUnconditionalUpdate(t *testing.T) {
	w := newWorld(t)
	d := copyOf[*appsv1.Deployment](w.mustCreate("deployments", "default", newDeployment("web", 1)))
	d.ResourceVersion = ""
	d.Spec.Replicas = ptr.To[int32](3)
	require.EqualValues(t, 3, *w.mustUpdate("deployments", "", d).(*appsv1.Deployment).Spec.Replicas)
}

func TestUpdateThatChangesNothingWritesNothing(t *testing.T) {
	w := newWorld(t)
	pod := w.mustCreate("pods", "default", newPodObject("web"))
	before := w.revision()
	for _, subresource := range []string{"", "status"} {
		same := copyOf[*corev1.Pod](pod)
		same.Annotations = map[string]string{} // means the same as none
		same.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "m"}}
		require.Same(t, pod, w.mustUpdate("pods", subresource, same))
	}
	require.Equal(t, before, w.revision())
}

func TestUpdateCreatesWhereTheKindLetsIt(t *testing.T) {
	w := newWorld(t)
	svc := clusterIPService("web")
	svc.Namespace = "default"
	req := w.request(Update, "services", "default/web")
	req.Object = svc
	res, err := w.Do(req)
	require.NoError(t, err)
	require.True(t, res.Created)
	require.NotEmpty(t, res.Object.(*corev1.Service).Spec.ClusterIP)
}

// What reading fills in is stored by the first write after the creation.
func TestFirstUpdateStoresWhatReadingFillsIn(t *testing.T) {
	template := corev1.PodTemplateSpec{Spec: newPodObject("x").Spec}
	template.Spec.RestartPolicy = corev1.RestartPolicyNever
	labelled := template
	labelled.Labels = map[string]string{"app": "x"}
	claim := corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
		Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: apiresource.MustParse("1Gi")}},
	}
	for name, tt := range map[string]struct {
		plural string
		obj    kinds.Object
		writes int64
	}{
		"a claim's phase":           {"persistentvolumeclaims", &corev1.PersistentVolumeClaim{Spec: claim}, 1},
		"a job's labels":            {"jobs", &batchv1.Job{Spec: batchv1.JobSpec{Template: template}}, 1},
		"a job with labels":         {"jobs", &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"a": "b"}}, Spec: batchv1.JobSpec{Template: template}}, 0},
		"a job of labelled pods":    {"jobs", &batchv1.Job{Spec: batchv1.JobSpec{Template: labelled}}, 0},
		"a kind that lacks nothing": {"configmaps", &corev1.ConfigMap{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			tt.obj.SetName("x")
			created := w.mustCreate(tt.plural, "default", tt.obj)
			before := w.revision()
			first := w.mustUpdate(tt.plural, "", created.DeepCopyObject().(kinds.Object))
			require.Equal(t, tt.writes, w.revision()-before)
			require.Equal(t, created.GetGeneration(), first.GetGeneration())
			require.Equal(t, created.GetManagedFields(), first.GetManagedFields())
			w.mustUpdate(tt.plural, "", first.DeepCopyObject().(kinds.Object))
			require.Equal(t, tt.writes, w.revision()-before, "once")
		})
	}
}
