package engine_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/engine"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/store"
	"github.com/minik8s/minik8s/view"
)

var (
	start    = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	registry = kinds.NewRegistry(kinds.All())
)

// newWorld is a world with a default namespace and the given components.
func newWorld(t testing.TB, components ...reconcile.Component) *engine.Engine {
	t.Helper()
	e, err := engine.New(engine.Options{
		Components: components, Start: start, Tick: 100 * time.Millisecond,
		RetainTicks: 1000, RetainRevisions: 20000,
		NewServer: func(st *store.Store, now func() time.Time) *apiserver.Server {
			return apiserver.New(apiserver.Config{Store: st, Kinds: registry, Now: now, Seed: 1, Authorizer: auth.AlwaysAllow})
		},
	})
	require.NoError(t, err)
	create(t, e, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "default"}})
	return e
}

func create(t testing.TB, e *engine.Engine, o reconcile.Object) {
	t.Helper()
	_, err := e.Do(request(apiserver.Create, o))
	require.NoError(t, err)
}

func request(verb apiserver.Verb, o reconcile.Object) apiserver.Request {
	kind, _ := registry.Of(o)
	r := apiserver.Request{
		Verb: verb, Resource: kind.GroupVersion().WithResource(kind.Resource), Namespace: o.GetNamespace(),
		User: apiserver.User{Name: "tester"}, Object: o,
	}
	if verb != apiserver.Create {
		r.Name = o.GetName()
	}
	r.Origin.Reason = "the test asks for it"
	return r
}

// wish is a ConfigMap that asks for n copies of itself.
func wish(name string, n int) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, Labels: map[string]string{"wish": "yes"}},
		Data:       map[string]string{"copies": strconv.Itoa(n)},
	}
}

// copier is a small ReplicaSet controller: it makes Secrets for wishes.
func copier() reconcile.Component {
	return reconcile.Component{
		Name: "copier", User: "system:copier", For: reconcile.ConfigMaps.GroupResource,
		Watches: []reconcile.Watch{
			reconcile.Self(reconcile.ConfigMaps.GroupResource),
			reconcile.Owned(reconcile.Secrets.GroupResource, "ConfigMap"),
		},
		Reconcile: func(v reconcile.View, r reconcile.Request) (p reconcile.Plan, err error) {
			cm, ok := reconcile.ConfigMaps.Get(v, r.Key)
			if !ok || cm.Labels["wish"] == "" {
				return p, nil
			}
			want, err := strconv.Atoi(cm.Data["copies"])
			if err != nil {
				return p, err
			}
			have := len(reconcile.Secrets.List(v, reconcile.OwnedBy(cm.UID)))
			p.Observe("%d of %d copies", have, want)
			for n := have; n < want; n++ {
				p.Create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{
					Namespace: cm.Namespace, GenerateName: cm.Name + "-",
					OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(cm, corev1.SchemeGroupVersion.WithKind("ConfigMap"))},
				}}, "have %d of %d copies", have, want)
			}
			return p, nil
		},
	}
}

func secrets(e *engine.Engine) []*corev1.Secret {
	return reconcile.Secrets.List(view.New(e.Store().Snapshot(), e.Now()))
}

func settle(t testing.TB, e *engine.Engine) {
	t.Helper()
	_, err := e.Settle(10 * time.Minute)
	require.NoError(t, err)
}
