package apiserver

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// serviceAt asks for an address, or for any.
func serviceAt(name, ip string) *corev1.Service {
	return serviceWith(name, corev1.ServiceTypeClusterIP, func(spec *corev1.ServiceSpec) { spec.ClusterIP = ip })
}

func TestEveryClusterIPHasAnIPAddress(t *testing.T) {
	w := newWorld(t)
	web := w.mustCreate("services", "default", serviceAt("web", "")).(*corev1.Service)
	ip := w.get("ipaddresses", web.Spec.ClusterIP).(*networkingv1.IPAddress)
	require.Equal(t, &networkingv1.ParentReference{Resource: "services", Namespace: "default", Name: "web"}, ip.Spec.ParentRef)
	require.Equal(t, map[string]string{"ipaddress.kubernetes.io/ip-family": "IPv4", "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io"}, ip.Labels)
	require.NotEqual(t, web.UID, ip.UID)
	require.NotEqual(t, web.ResourceVersion, ip.ResourceVersion)

	_, err := w.create("services", "default", serviceAt("other", web.Spec.ClusterIP))
	require.ErrorContains(t, err, "provided IP is already allocated")

	_, err = w.delete("services", "default/web", nil)
	require.NoError(t, err)
	require.Nil(t, w.get("ipaddresses", web.Spec.ClusterIP))
	w.mustCreate("services", "default", serviceAt("other", web.Spec.ClusterIP))
}

func TestAnIPAddressOfAUserIsTaken(t *testing.T) {
	w := newWorld(t)
	w.mustCreate("ipaddresses", "", &networkingv1.IPAddress{
		ObjectMeta: metav1.ObjectMeta{Name: "10.43.0.77"},
		Spec:       networkingv1.IPAddressSpec{ParentRef: &networkingv1.ParentReference{Resource: "gateways", Name: "edge"}},
	})
	_, err := w.create("services", "default", serviceAt("web", "10.43.0.77"))
	require.ErrorContains(t, err, "provided IP is already allocated")
	require.Nil(t, w.get("services", "default/web"))
}

func TestADryRunTakesNoIPAddress(t *testing.T) {
	w := newWorld(t)
	before := w.Store.Revision()
	req := w.request(Create, "services", "default/")
	req.Object = serviceAt("web", "10.43.0.77")
	req.CreateOptions = &metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}
	_, err := w.Do(req)
	require.NoError(t, err)
	require.Equal(t, before, w.Store.Revision())
	require.Nil(t, w.get("ipaddresses", "10.43.0.77"))
}
