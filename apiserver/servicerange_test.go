package apiserver

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

var (
	both = []corev1.IPFamily{corev1.IPv4Protocol, corev1.IPv6Protocol}
	six  = []corev1.IPFamily{corev1.IPv6Protocol}
	four = []corev1.IPFamily{corev1.IPv4Protocol}
)

func newDualStackWorld(t *testing.T) *world {
	w := newWorld(t)
	w.ServiceCIDRs = []netip.Prefix{netip.MustParsePrefix("10.43.0.0/16"), netip.MustParsePrefix("fd00:43::/64")}
	return w
}

func (w *world) addRange(name, cidr string, ready metav1.ConditionStatus) {
	w.Helper()
	w.mustCreate("servicecidrs", "", &networkingv1.ServiceCIDR{ObjectMeta: metav1.ObjectMeta{Name: name, Finalizers: []string{serviceCIDRFinalizer}}, Spec: networkingv1.ServiceCIDRSpec{CIDRs: []string{cidr}}})
	if ready == "" {
		return
	}
	stored := w.get("servicecidrs", name).DeepCopyObject().(*networkingv1.ServiceCIDR)
	stored.Status.Conditions = []metav1.Condition{{Type: networkingv1.ServiceCIDRConditionReady, Status: ready, LastTransitionTime: metav1.NewTime(w.Now())}}
	w.mustUpdate("servicecidrs", "status", stored)
}

func TestAFullRangeIsFollowedByTheOthers(t *testing.T) {
	w := newWorld(t)
	w.ServiceCIDRs = []netip.Prefix{netip.MustParsePrefix("10.43.0.0/29")}
	w.addRange("ready", "10.50.0.0/29", metav1.ConditionTrue)
	w.addRange("not-ready", "10.51.0.0/29", metav1.ConditionFalse)
	w.addRange("unseen", "10.52.0.0/29", "")
	in := map[string]int{}
	for i := range 18 {
		ip := netip.MustParseAddr(w.mustCreateService(clusterIPService(fmt.Sprint("web-", i))).Spec.ClusterIP)
		in[netip.PrefixFrom(ip, 29).Masked().String()]++
	}
	require.Equal(t, map[string]int{"10.43.0.0/29": 6, "10.50.0.0/29": 6, "10.52.0.0/29": 6}, in)
	_, err := w.create("services", "default", clusterIPService("full"))
	require.Equal(t, `500 InternalError: Internal error occurred: failed to allocate a serviceIP for Service "full": range is full`, answer(err))
}

func TestAnAddressMayBeAskedForInAnyRange(t *testing.T) {
	w := newWorld(t)
	w.addRange("more", "10.50.0.0/24", metav1.ConditionTrue)
	ask := func(name, ip string) error {
		_, err := w.create("services", "default", serviceWith(name, "", func(s *corev1.ServiceSpec) { s.ClusterIP = ip }))
		return err
	}
	require.NoError(t, ask("first", "10.43.0.10"))
	require.NoError(t, ask("second", "10.50.0.10"))
	require.ErrorContains(t, ask("taken", "10.50.0.10"), "failed to allocate IP 10.50.0.10: provided IP is already allocated")
	require.ErrorContains(t, ask("broadcast", "10.50.0.255"), "failed to allocate IP 10.50.0.255: the provided network does not match the current range")
	require.ErrorContains(t, ask("elsewhere", "10.51.0.10"), "failed to allocate IP 10.51.0.10: the provided network does not match the current range")

	_, err := w.delete("servicecidrs", "more", nil)
	require.NoError(t, err)
	require.ErrorContains(t, ask("late", "10.50.0.11"), "the provided network does not match the current range")
}

func TestServicesOfTwoFamilies(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*corev1.ServiceSpec)
		want   []corev1.IPFamily
	}{
		{"as the cluster has it", nil, four},
		{"IPv6", func(s *corev1.ServiceSpec) { s.IPFamilies = six }, six},
		{"an address of IPv6", func(s *corev1.ServiceSpec) { s.ClusterIP = "fd00:43::a" }, six},
		{"prefers both", func(s *corev1.ServiceSpec) { s.IPFamilyPolicy = ptr.To(corev1.IPFamilyPolicyPreferDualStack) }, both},
		{"requires both", func(s *corev1.ServiceSpec) { s.IPFamilyPolicy = ptr.To(corev1.IPFamilyPolicyRequireDualStack) }, both},
		{"both, IPv6 first", func(s *corev1.ServiceSpec) {
			s.IPFamilyPolicy, s.IPFamilies = ptr.To(corev1.IPFamilyPolicyRequireDualStack), six
		}, []corev1.IPFamily{corev1.IPv6Protocol, corev1.IPv4Protocol}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newDualStackWorld(t)
			spec := w.mustCreateService(serviceWith("web", "", tt.change)).Spec
			require.Equal(t, tt.want, spec.IPFamilies)
			require.Len(t, spec.ClusterIPs, len(tt.want))
			require.Equal(t, spec.ClusterIP, spec.ClusterIPs[0])
			for i, text := range spec.ClusterIPs {
				ip := netip.MustParseAddr(text)
				require.Equal(t, tt.want[i], familyOf(ip))
				address := w.get("ipaddresses", text).(*networkingv1.IPAddress)
				require.Equal(t, string(tt.want[i]), address.Labels[networkingv1.LabelIPAddressFamily])
			}
			_, err := w.delete("services", "default/web", nil)
			require.NoError(t, err)
			require.Zero(t, w.rows(clusterIPs))
		})
	}
}

func TestAServiceGetsASecondFamilyAndLosesIt(t *testing.T) {
	w := newDualStackWorld(t)
	first := w.mustCreateService(clusterIPService("web"))
	svc := first.DeepCopy()
	svc.Spec.IPFamilyPolicy = ptr.To(corev1.IPFamilyPolicyRequireDualStack)
	two := w.mustUpdate("services", "", svc).(*corev1.Service)
	require.Equal(t, both, two.Spec.IPFamilies)
	require.Equal(t, first.Spec.ClusterIP, two.Spec.ClusterIPs[0])
	require.Equal(t, 2, w.rows(clusterIPs))

	svc = two.DeepCopy()
	svc.Spec.IPFamilyPolicy = ptr.To(corev1.IPFamilyPolicySingleStack)
	one := w.mustUpdate("services", "", svc).(*corev1.Service)
	require.Equal(t, first.Spec.ClusterIPs, one.Spec.ClusterIPs)
	require.Equal(t, 1, w.rows(clusterIPs))
}

func TestUsableAddresses(t *testing.T) {
	for text, want := range map[string]uint64{
		"10.0.0.0/24": 254, "10.0.0.0/29": 6, "10.0.0.0/31": 0, "10.0.0.0/32": 0, "fd00::/112": 1<<16 - 1, "fd00::/64": 1<<64 - 1, "fd00::/128": 0,
	} {
		require.Equal(t, want, usableAddresses(netip.MustParsePrefix(text)), text)
	}
}

func TestADryRunTakesNoAddressAndNoPort(t *testing.T) {
	w := newWorld(t)
	w.mustCreateService(serviceWith("taken", "", func(s *corev1.ServiceSpec) { s.ClusterIP = "10.43.0.10" }))
	rehearse := func(ip string, ports ...corev1.ServicePort) (*corev1.Service, error) {
		req := w.request(Create, "services", "default/")
		req.Object = serviceWith("web", corev1.ServiceTypeNodePort, func(s *corev1.ServiceSpec) { s.ClusterIP, s.Ports = ip, ports })
		req.CreateOptions = &metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}
		response, err := w.Do(req)
		if err != nil {
			return nil, err
		}
		return response.Object.(*corev1.Service), nil
	}
	svc, err := rehearse("", corev1.ServicePort{Name: "a", Port: 80}, corev1.ServicePort{Name: "b", Port: 81})
	require.NoError(t, err)
	require.Equal(t, "10.43.0.0", svc.Spec.ClusterIP)
	require.EqualValues(t, 32769, svc.Spec.Ports[0].NodePort)
	require.EqualValues(t, 32770, svc.Spec.Ports[1].NodePort)

	svc, err = rehearse("10.43.0.10", corev1.ServicePort{Name: "a", Port: 80, NodePort: 80}, corev1.ServicePort{Name: "b", Port: 81})
	require.NoError(t, err)
	require.Equal(t, "10.43.0.10", svc.Spec.ClusterIP)
	require.EqualValues(t, 81, svc.Spec.Ports[1].NodePort)

	_, err = rehearse("10.99.0.1", corev1.ServicePort{Port: 80})
	require.ErrorContains(t, err, "failed to allocate IP 10.99.0.1: the provided IP (10.99.0.1) is not in the valid range. The range of valid IPs is 10.43.0.0/16")
	require.Equal(t, 1, w.rows(clusterIPs))
	require.Zero(t, w.rows(nodePorts))
}
