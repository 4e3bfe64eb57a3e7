package controllerruntime

import (
	"context"
	_ "embed"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/yaml"
)

//go:embed testdata/shop-crd.yaml
var shopDefinition []byte

// defineShops makes the CustomResourceDefinition and waits until it is served.
func defineShops(t *testing.T, c client.Client) {
	t.Helper()
	definition := &unstructured.Unstructured{}
	require.NoError(t, yaml.Unmarshal(shopDefinition, definition))
	require.NoError(t, c.Create(t.Context(), definition))
	t.Cleanup(func() { require.NoError(t, c.Delete(context.Background(), definition)) })
	eventually(t, func() bool {
		if c.Get(t.Context(), client.ObjectKeyFromObject(definition), definition) != nil {
			return false
		}
		conditions, _, _ := unstructured.NestedSlice(definition.Object, "status", "conditions")
		for _, each := range conditions {
			if condition := each.(map[string]any); condition["type"] == "Established" {
				return condition["status"] == "True"
			}
		}
		return false
	}, "the definition is established")
}

// shopkeeper gives a Shop its Deployment, and a status.
type shopkeeper struct{ client.Client }

func (k *shopkeeper) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	shop := &Shop{}
	if err := k.Get(ctx, request.NamespacedName, shop); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: shop.Name}}
	_, err := controllerutil.CreateOrUpdate(ctx, k, d, func() error {
		labels := map[string]string{"shop": shop.Name}
		d.Spec.Replicas, d.Spec.Selector = &shop.Spec.Counters, &metav1.LabelSelector{MatchLabels: labels}
		d.Spec.Template.Labels = labels
		if len(d.Spec.Template.Spec.Containers) == 0 {
			d.Spec.Template.Spec.Containers = []corev1.Container{{Name: "counter", Image: "nginx"}}
		}
		return controllerutil.SetControllerReference(shop, d, k.Scheme())
	})
	if err != nil || shop.Status.Open == d.Status.ReadyReplicas {
		return ctrl.Result{}, err
	}
	before := shop.DeepCopyObject().(*Shop)
	shop.Status.Open = d.Status.ReadyReplicas
	return ctrl.Result{}, k.Status().Patch(ctx, shop, client.MergeFrom(before))
}

// TestOperatorOfACustomResource defines a kind and runs its operator, webhooks included.
func TestOperatorOfACustomResource(t *testing.T) {
	plain, ns := newClient(t)
	defineShops(t, plain)

	known := runtime.NewScheme()
	require.NoError(t, scheme.AddToScheme(known))
	known.AddKnownTypes(shopVersion, &Shop{}, &ShopList{})
	metav1.AddToGroupVersion(known, shopVersion)
	hooks := newLicence(t)
	manager, err := ctrl.NewManager(restConfig(t), ctrl.Options{
		Scheme: known, WebhookServer: hooks, Metrics: server.Options{BindAddress: "0"}, Cache: cache.Options{DefaultNamespaces: map[string]cache.Config{ns: {}}},
	})
	require.NoError(t, err)
	require.NoError(t, ctrl.NewControllerManagedBy(manager).For(&Shop{}).Owns(&appsv1.Deployment{}).Complete(&shopkeeper{manager.GetClient()}))
	require.NotNil(t, manager.GetWebhookServer()) // asking for it makes it run
	start(t, manager.Start)
	c, err := client.New(restConfig(t), client.Options{Scheme: known})
	require.NoError(t, err)
	hooks.require(t, c, ns)

	// The schema's default and its rules hold.
	shop := &Shop{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "corner"}}
	require.NoError(t, c.Create(t.Context(), shop))
	require.EqualValues(t, 2, shop.Spec.Counters)
	require.Equal(t, map[string]string{"licensed": "yes"}, shop.Labels)
	bank := &Shop{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "savings-bank"}}
	require.EqualError(t, c.Create(t.Context(), bank), `admission webhook "check.shops.example.com" denied the request: a bank is no shop`)
	tooMany := &Shop{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "mall"}, Spec: ShopSpec{Counters: 11}}
	require.ErrorContains(t, c.Create(t.Context(), tooMany), "spec.counters: Invalid value: 11: spec.counters in body should be less than or equal to 10")

	key := client.ObjectKeyFromObject(shop)
	open := func(want int32) func() bool {
		return func() bool { return c.Get(t.Context(), key, shop) == nil && shop.Status.Open == want }
	}
	eventually(t, open(2), "two counters are open")
	before := shop.DeepCopyObject().(*Shop)
	shop.Spec.Counters = 3
	require.NoError(t, c.Patch(t.Context(), shop, client.MergeFrom(before)))
	eventually(t, open(3), "three counters are open")
	before = shop.DeepCopyObject().(*Shop)
	shop.Spec.Counters = 1
	require.ErrorContains(t, c.Patch(t.Context(), shop, client.MergeFrom(before)), "a shop does not get smaller")

	// What belongs to the shop goes with it.
	require.NoError(t, c.Delete(t.Context(), shop))
	eventually(t, func() bool {
		return apierrors.IsNotFound(plain.Get(t.Context(), key, &appsv1.Deployment{}))
	}, "the Deployment is collected")
}
