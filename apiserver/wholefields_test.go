package apiserver

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/minik8s/minik8s/kinds"
)

// TestWholeFieldsAreUpstreams makes and changes objects at random, and has
// what is remembered of their shapes compared with what upstream's field
// manager says each time.
func TestWholeFieldsAreUpstreams(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		plural string
		random func(*rand.Rand) kinds.Object
	}{
		{"configmaps", randomConfigMap},
		{"services", randomService},
		{"deployments", randomDeployment},
	} {
		t.Run(tt.plural, func(t *testing.T) {
			r := rand.New(rand.NewSource(1))
			quick := map[string]int{}
			for range 300 {
				c := w.callBy("editor", tt.plural)
				made := tt.random(r)
				want := made.DeepCopyObject().(kinds.Object)
				require.NoError(t, c.manage(want, c.New()))
				done, err := c.manageWholeNew(made)
				require.NoError(t, err)
				if !done {
					continue
				}
				quick["creates"]++
				require.Equal(t, want.GetManagedFields(), made.GetManagedFields())

				// Two in three times the shape stays.
				old := changedLabel(tt.random(r), r)
				require.NoError(t, c.manage(old, c.New()))
				changed := changedLabel(old.DeepCopyObject().(kinds.Object), r)
				if r.Intn(3) == 0 {
					changed = tt.random(r)
				}
				want = changed.DeepCopyObject().(kinds.Object)
				require.NoError(t, c.manage(want, old))
				if done, err = c.manageWhole(changed, old); done {
					quick["updates"]++
					if !unchanged(want, old) {
						require.Equal(t, want.GetManagedFields(), changed.GetManagedFields())
					}
				}
				require.NoError(t, err)
			}
			require.Greater(t, quick["creates"], 100)
			require.Greater(t, quick["updates"], 100)
		})
	}
}

func changedLabel(obj kinds.Object, r *rand.Rand) kinds.Object {
	obj.SetLabels(map[string]string{"a": fmt.Sprint(r.Intn(9))})
	return obj
}

// callBy is a program's create, as far as field management looks at it.
func (w *world) callBy(program, plural string) *call {
	req := by(program, w.request(Create, plural, "default/"))
	return &call{Server: w.Server, resource: w.resources[req.Resource.GroupResource()], req: &req, now: w.now}
}

func randomMap(r *rand.Rand) map[string]string {
	m := map[string]string{}
	for range r.Intn(3) {
		m[fmt.Sprint("k", r.Intn(3))] = fmt.Sprint(r.Intn(2))
	}
	return m
}

func randomMeta(r *rand.Rand) metav1.ObjectMeta {
	m := metav1.ObjectMeta{Name: fmt.Sprint("n", r.Intn(1000)), Labels: randomMap(r), Annotations: randomMap(r)}
	for n := range r.Intn(2) {
		m.Finalizers = append(m.Finalizers, fmt.Sprint("example.com/", n, r.Intn(2)))
		m.OwnerReferences = append(m.OwnerReferences, metav1.OwnerReference{Kind: "Pod", APIVersion: "v1", Name: "x", UID: "1"})
	}
	return m
}

func randomConfigMap(r *rand.Rand) kinds.Object {
	c := &corev1.ConfigMap{ObjectMeta: randomMeta(r), Data: randomMap(r)}
	if r.Intn(2) == 0 {
		c.BinaryData = map[string][]byte{"b": {byte(r.Intn(256))}}
	}
	return c
}

func randomService(r *rand.Rand) kinds.Object {
	s := &corev1.Service{ObjectMeta: randomMeta(r), Spec: corev1.ServiceSpec{Selector: randomMap(r), Type: corev1.ServiceTypeClusterIP}}
	for n := range r.Intn(3) {
		s.Spec.Ports = append(s.Spec.Ports, corev1.ServicePort{Name: fmt.Sprint("p", n), Port: int32(80 + n), Protocol: corev1.ProtocolTCP, TargetPort: intstr.FromString("web")})
	}
	return s
}

func randomDeployment(r *rand.Rand) kinds.Object {
	d := newDeployment(fmt.Sprint("n", r.Intn(1000)), int32(r.Intn(5)))
	d.ObjectMeta = randomMeta(r)
	d.Spec.Template.Labels = randomMap(r)
	d.Status = appsv1.DeploymentStatus{Replicas: int32(r.Intn(2))}
	for n := range r.Intn(3) {
		d.Spec.Template.Spec.Containers[0].Env = append(d.Spec.Template.Spec.Containers[0].Env, corev1.EnvVar{Name: fmt.Sprint("E", n), Value: fmt.Sprint(r.Intn(2))})
	}
	return d
}
