package controllerruntime

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrlconfig "sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/test/wire/cluster"
)

const (
	copied    = "example.com/copy"
	finalizer = "example.com/copier"
)

// copier keeps a Secret with the data of every ConfigMap that is labelled for
// it, and holds the ConfigMap with a finalizer until it has said goodbye.
type copier struct {
	client.Client
	goodbyes chan string
}

func (c *copier) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	source := &corev1.ConfigMap{}
	if err := c.Get(ctx, request.NamespacedName, source); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !source.DeletionTimestamp.IsZero() {
		if !controllerutil.RemoveFinalizer(source, finalizer) {
			return ctrl.Result{}, nil
		}
		c.goodbyes <- source.Name
		return ctrl.Result{}, c.Update(ctx, source)
	}
	if controllerutil.AddFinalizer(source, finalizer) {
		return ctrl.Result{}, c.Update(ctx, source)
	}
	target := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: source.Namespace, Name: source.Name}}
	_, err := controllerutil.CreateOrUpdate(ctx, c, target, func() error {
		target.Data = map[string][]byte{}
		for k, v := range source.Data {
			target.Data[k] = []byte(v)
		}
		return controllerutil.SetControllerReference(source, target, c.Scheme())
	})
	return ctrl.Result{}, err
}

// runCopier starts a manager with a copier, that is elected leader first.
func runCopier(t *testing.T, config *rest.Config, ns string) *copier {
	t.Helper()
	manager, err := ctrl.NewManager(config, ctrl.Options{
		Cache:          cache.Options{DefaultNamespaces: map[string]cache.Config{ns: {}}},
		Metrics:        server.Options{BindAddress: "0"},
		Controller:     ctrlconfig.Controller{SkipNameValidation: new(true)},
		LeaderElection: true, LeaderElectionID: "copier", LeaderElectionNamespace: ns, LeaderElectionReleaseOnCancel: true,
	})
	require.NoError(t, err)
	c := &copier{manager.GetClient(), make(chan string, 10)}
	wanted, err := predicate.LabelSelectorPredicate(metav1.LabelSelector{MatchLabels: map[string]string{copied: "true"}})
	require.NoError(t, err)
	require.NoError(t, ctrl.NewControllerManagedBy(manager).
		For(&corev1.ConfigMap{}, builder.WithPredicates(wanted)).Owns(&corev1.Secret{}).Complete(c))
	start(t, manager.Start)
	return c
}

// TestOperator has the copier at work in a cluster of another process.
func TestOperator(t *testing.T) {
	config := restConfig(t)
	operate(t, config, cluster.Namespace(t, config))
}

// TestOperatorInProcess has it at work in a cluster in this process, where
// others would use envtest.
func TestOperatorInProcess(t *testing.T) {
	world, err := minik8s.New(minik8s.Options{})
	require.NoError(t, err)
	world.Run(t.Context(), minik8s.LiveOptions{})
	operate(t, world.RESTConfig(), "default")
}

func operate(t *testing.T, config *rest.Config, ns string) {
	copier := runCopier(t, config, ns)
	c, err := client.New(config, client.Options{})
	require.NoError(t, err)
	source := configMap(ns, "a", copied, "true")
	source.Data = map[string]string{"k": "v"}
	require.NoError(t, c.Create(t.Context(), source))
	require.NoError(t, c.Create(t.Context(), configMap(ns, "other")))

	secret := &corev1.Secret{}
	key := client.ObjectKeyFromObject(source)
	holds := func(want string) func() bool {
		return func() bool { return c.Get(t.Context(), key, secret) == nil && string(secret.Data["k"]) == want }
	}
	eventually(t, holds("v"), "a copy")
	require.True(t, metav1.IsControlledBy(secret, source))
	require.NoError(t, c.Delete(t.Context(), secret))
	eventually(t, holds("v"), "a new copy, since the operator owns it")
	before := source.DeepCopy()
	source.Data["k"] = "w"
	require.NoError(t, c.Patch(t.Context(), source, client.MergeFrom(before)))
	eventually(t, holds("w"), "the change copied")
	require.True(t, apierrors.IsNotFound(c.Get(t.Context(), client.ObjectKey{Namespace: ns, Name: "other"}, secret)))

	require.NoError(t, c.Delete(t.Context(), source))
	select {
	case name := <-copier.goodbyes:
		require.Equal(t, "a", name)
	case <-time.After(patience):
		t.Fatal("the finalizer was not served")
	}
	eventually(t, func() bool { return apierrors.IsNotFound(c.Get(t.Context(), key, secret)) }, "the garbage collector removes the copy")
}
