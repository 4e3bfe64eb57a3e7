package apiserver

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

// world is a server with a clock that stands still until it is moved.
type world struct {
	testing.TB
	*Server
	now  time.Time
	user User // who asks
}

func newWorld(t testing.TB) *world {
	w := newEmptyWorld(t)
	w.mustCreate("namespaces", "", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "default"}})
	return w
}

func newEmptyWorld(t testing.TB) *world {
	w := &world{TB: t, now: time.Date(2026, 1, 1, 0, 0, 0, 250e6, time.UTC), user: User{Name: "tester"}}
	w.Server = New(Config{
		Store: store.New(),
		Kinds: kinds.NewRegistry(kinds.All()),
		Now:   func() time.Time { return w.now },
		Seed:  1,

		Authorizer: auth.AlwaysAllow,
	})
	if _, isBenchmark := t.(*testing.B); !isBenchmark {
		w.Store.CheckImmutable()
		t.Cleanup(func() { require.NoError(t, w.Store.VerifyImmutable()) })
	}
	return w
}

// resourceOf finds "deployments" or "machines" by its plural name.
func (w *world) resourceOf(plural string) schema.GroupVersionResource {
	for _, k := range w.Kinds.All() {
		if k.Resource == plural {
			return k.GroupVersion().WithResource(plural)
		}
	}
	w.Fatalf("no kind has the plural %q", plural)
	return schema.GroupVersionResource{}
}

func (w *world) request(verb Verb, plural, key string) Request {
	namespace, name := splitKey(key)
	return Request{
		Verb: verb, Resource: w.resourceOf(plural), Namespace: namespace, Name: name, User: w.user,
		Origin: store.Origin{Time: w.now},
	}
}

func splitKey(key string) (namespace, name string) {
	for i := range key {
		if key[i] == '/' {
			return key[:i], key[i+1:]
		}
	}
	return "", key
}

func (w *world) create(plural, namespace string, obj runtime.Object) (kinds.Object, error) {
	req := w.request(Create, plural, "")
	req.Namespace, req.Object = namespace, obj
	res, err := w.Do(req)
	if err != nil {
		return nil, err
	}
	return res.Object.(kinds.Object), nil
}

func (w *world) mustCreate(plural, namespace string, obj runtime.Object) kinds.Object {
	w.Helper()
	out, err := w.create(plural, namespace, obj)
	require.NoError(w, err)
	return out
}

// get returns nil for an object that does not exist.
func (w *world) get(plural, key string) kinds.Object {
	res, err := w.Do(w.request(Get, plural, key))
	if err != nil {
		return nil
	}
	return res.Object.(kinds.Object)
}

func (w *world) update(plural, subresource string, obj kinds.Object) (kinds.Object, error) {
	req := w.request(Update, plural, "")
	req.Subresource, req.Object = subresource, obj
	res, err := w.Do(req)
	if err != nil {
		return nil, err
	}
	return res.Object.(kinds.Object), nil
}

func (w *world) mustUpdate(plural, subresource string, obj kinds.Object) kinds.Object {
	w.Helper()
	out, err := w.update(plural, subresource, obj)
	require.NoError(w, err)
	return out
}

func (w *world) patch(plural, key, subresource string, t types.PatchType, body string) (Response, error) {
	req := w.request(Patch, plural, key)
	req.Subresource, req.PatchType, req.Patch = subresource, t, []byte(body)
	return w.Do(req)
}

func (w *world) delete(plural, key string, opts *metav1.DeleteOptions) (runtime.Object, error) {
	req := w.request(Delete, plural, key)
	req.DeleteOptions = opts
	res, err := w.Do(req)
	return res.Object, err
}

func (w *world) bind(key, node string) error {
	req := w.request(Create, "pods", key)
	req.Subresource = "binding"
	req.Object = &corev1.Binding{
		ObjectMeta: metav1.ObjectMeta{Namespace: req.Namespace, Name: req.Name},
		Target:     corev1.ObjectReference{Kind: "Node", Name: node},
	}
	_, err := w.Do(req)
	return err
}

func (w *world) revision() int64 { return w.Store.Snapshot().Revision() }

// newPodObject is the least that a pod must have.
func newPodObject(name string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"app": "web"}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "nginx:1.27"}}},
	}
}

// answer is an error as "409 Conflict: text", or "ok".
func answer(err error) string {
	if err == nil {
		return "ok"
	}
	status, ok := err.(apierrors.APIStatus)
	if !ok {
		return fmt.Sprintf("not a status: %v", err)
	}
	s := status.Status()
	return fmt.Sprintf("%d %s: %s", s.Code, s.Reason, s.Message)
}

// refusal is one thing that the server does not do, and what it says.
type refusal struct {
	name string
	do   func(w *world) error
	want string
}

// testRefusals checks the answers, and that nothing was written.
func testRefusals(t *testing.T, prepare func(w *world), cases []refusal) {
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			if prepare != nil {
				prepare(w)
			}
			before := w.revision()
			require.Equal(t, tt.want, answer(tt.do(w)))
			require.Equal(t, before, w.revision(), "a refused request must not write")
		})
	}
}

func hasCause(err error, cause metav1.CauseType) bool { return apierrors.HasStatusCause(err, cause) }

func clusterIPService(name string) *corev1.Service {
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: corev1.ServiceSpec{
			Selector: map[string]string{"app": "web"},
			Ports:    []corev1.ServicePort{{Port: 80}},
		},
	}
}
