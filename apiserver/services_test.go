package apiserver

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
)

// serviceWith is a service of a type, changed as the test wants.
func serviceWith(name string, kind corev1.ServiceType, change func(*corev1.ServiceSpec)) *corev1.Service {
	svc := clusterIPService(name)
	svc.Spec.Type = kind
	if change != nil {
		change(&svc.Spec)
	}
	return svc
}

func (w *world) mustCreateService(svc *corev1.Service) *corev1.Service {
	w.Helper()
	return w.mustCreate("services", "default", svc).(*corev1.Service)
}

// rows counts the addresses or ports that are taken.
func (w *world) rows(set string) int {
	n := 0
	for range w.Store.Snapshot().Rows(set, "") {
		n++
	}
	return n
}

func TestClusterIP(t *testing.T) {
	w := newWorld(t)
	seen := map[string]bool{}
	for i := range 20 {
		spec := w.mustCreateService(clusterIPService(fmt.Sprint("web-", i))).Spec
		ip := netip.MustParseAddr(spec.ClusterIP)
		require.True(t, w.ServiceCIDRs[0].Contains(ip))
		require.GreaterOrEqual(t, addressNumber(w.ServiceCIDRs[0], ip), uint64(257), "low ones are for those who ask")
		require.Equal(t, []string{spec.ClusterIP}, spec.ClusterIPs)
		require.Equal(t, []corev1.IPFamily{corev1.IPv4Protocol}, spec.IPFamilies)
		require.Equal(t, ptr.To(corev1.IPFamilyPolicySingleStack), spec.IPFamilyPolicy)
		require.Equal(t, ptr.To(corev1.ServiceInternalTrafficPolicyCluster), spec.InternalTrafficPolicy)
		seen[spec.ClusterIP] = true
	}
	require.Len(t, seen, 20)
}

func TestClusterIPRange(t *testing.T) {
	w := newWorld(t)
	w.ServiceCIDRs = []netip.Prefix{netip.MustParsePrefix("10.43.0.0/29")}
	for i := range 6 {
		w.mustCreateService(clusterIPService(fmt.Sprint("web-", i)))
	}
	_, err := w.create("services", "default", clusterIPService("full"))
	require.Equal(t, `500 InternalError: Internal error occurred: failed to allocate a serviceIP for Service "full": range is full`, answer(err))
	_, err = w.delete("services", "default/web-3", nil)
	require.NoError(t, err)
	w.mustCreateService(clusterIPService("full"))
}

func TestHeadlessAndExternalName(t *testing.T) {
	w := newWorld(t)
	headless := w.mustCreateService(serviceWith("headless", "", func(s *corev1.ServiceSpec) { s.ClusterIP = "None" })).Spec
	require.Equal(t, []string{"None"}, headless.ClusterIPs)
	require.Equal(t, []corev1.IPFamily{corev1.IPv4Protocol}, headless.IPFamilies)

	free := w.mustCreateService(serviceWith("selectorless", "", func(s *corev1.ServiceSpec) { s.ClusterIP, s.Selector = "None", nil })).Spec
	require.Equal(t, []corev1.IPFamily{corev1.IPv4Protocol, corev1.IPv6Protocol}, free.IPFamilies)
	require.Equal(t, ptr.To(corev1.IPFamilyPolicyRequireDualStack), free.IPFamilyPolicy)

	external := w.mustCreateService(serviceWith("external", corev1.ServiceTypeExternalName, func(s *corev1.ServiceSpec) { s.ExternalName = "example.com" })).Spec
	require.Empty(t, external.ClusterIP)
	require.Nil(t, external.IPFamilyPolicy)
	require.Zero(t, w.rows(clusterIPs))
}

func TestServiceRefused(t *testing.T) {
	create := func(svc *corev1.Service) func(*world) error {
		return func(w *world) error {
			_, err := w.create("services", "default", svc)
			return err
		}
	}
	withIP := func(ip string) func(*world) error {
		return create(serviceWith("web", "", func(s *corev1.ServiceSpec) { s.ClusterIP = ip }))
	}
	withPort := func(port int32) func(*world) error {
		return create(serviceWith("web", corev1.ServiceTypeNodePort, func(s *corev1.ServiceSpec) { s.Ports[0].NodePort = port }))
	}
	testRefusals(t, func(w *world) {
		w.mustCreateService(serviceWith("taken", corev1.ServiceTypeNodePort, func(s *corev1.ServiceSpec) {
			s.ClusterIP = "10.43.0.10"
			s.Ports[0].NodePort = 30007
		}))
	}, []refusal{
		{"address is taken", withIP("10.43.0.10"),
			`422 Invalid: Service "web" is invalid: spec.clusterIPs: Invalid value: ["10.43.0.10"]: failed to allocate IP 10.43.0.10: provided IP is already allocated`},
		{"address of another network", withIP("10.99.0.10"),
			`422 Invalid: Service "web" is invalid: spec.clusterIPs: Invalid value: ["10.99.0.10"]: failed to allocate IP 10.99.0.10: the provided network does not match the current range`},
		{"the network's own address", withIP("10.43.0.0"),
			`422 Invalid: Service "web" is invalid: spec.clusterIPs: Invalid value: ["10.43.0.0"]: failed to allocate IP 10.43.0.0: the provided network does not match the current range`},
		{"not an address", withIP("ten"),
			`422 Invalid: Service "web" is invalid: spec.clusterIPs[0]: Invalid value: "ten": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)`},
		{"IPv6", withIP("fd00::1"),
			`422 Invalid: Service "web" is invalid: spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster`},
		{"dual-stack", create(serviceWith("web", "", func(s *corev1.ServiceSpec) { s.IPFamilyPolicy = ptr.To(corev1.IPFamilyPolicyRequireDualStack) })),
			`422 Invalid: Service "web" is invalid: spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services`},
		{"IPv6 family", create(serviceWith("web", "", func(s *corev1.ServiceSpec) { s.IPFamilies = []corev1.IPFamily{corev1.IPv6Protocol} })),
			`422 Invalid: Service "web" is invalid: spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster`},
		{"port is taken", withPort(30007),
			`422 Invalid: Service "web" is invalid: spec.ports[0].nodePort: Invalid value: 30007: provided port is already allocated`},
		{"port out of range", withPort(80),
			`422 Invalid: Service "web" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767`},
	})
}

func TestNodePorts(t *testing.T) {
	w := newWorld(t)
	svc := w.mustCreateService(serviceWith("web", corev1.ServiceTypeNodePort, func(s *corev1.ServiceSpec) {
		s.Ports = []corev1.ServicePort{
			{Name: "http", Port: 80},
			{Name: "dns", Port: 53, Protocol: corev1.ProtocolTCP},
			{Name: "dns-udp", Port: 53, Protocol: corev1.ProtocolUDP, NodePort: 30053},
		}
	}))
	require.GreaterOrEqual(t, svc.Spec.Ports[0].NodePort, int32(30086))
	require.EqualValues(t, 30053, svc.Spec.Ports[1].NodePort, "one port for both protocols")
	require.Equal(t, 2, w.rows(nodePorts))

	other := w.mustCreateService(serviceWith("other", corev1.ServiceTypeNodePort, nil))
	_, err := w.patch("services", "default/other", "", types.JSONPatchType, `[{"op":"replace","path":"/spec/ports/0/nodePort","value":30053}]`)
	require.Equal(t, `422 Invalid: Service "other" is invalid: spec.ports[0].nodePort: Invalid value: 30053: provided port is already allocated`, answer(err))
	require.Equal(t, 3, w.rows(nodePorts))

	_, err = w.patch("services", "default/other", "", types.JSONPatchType, `[{"op":"replace","path":"/spec/ports/0/nodePort","value":30100}]`)
	require.NoError(t, err)
	require.Nil(t, w.Store.Snapshot().Row(nodePorts, portRow(other.Spec.Ports[0].NodePort)), "the old one is free")
	require.Equal(t, "default/other", w.Store.Snapshot().Row(nodePorts, "30100"))

	_, err = w.delete("services", "default/other", nil)
	require.NoError(t, err)
	_, err = w.delete("services", "default/web", nil)
	require.NoError(t, err)
	require.Zero(t, w.rows(nodePorts))
	require.Zero(t, w.rows(clusterIPs))
}

// What the server filled in need not be sent again.
func TestServiceIsSentAgain(t *testing.T) {
	w := newWorld(t)
	first := w.mustCreateService(serviceWith("web", corev1.ServiceTypeNodePort, nil))
	before := w.revision()
	again := serviceWith("web", corev1.ServiceTypeNodePort, nil)
	again.Namespace = "default"
	require.Same(t, first, w.mustUpdate("services", "", again))
	require.Equal(t, before, w.revision())
}

func TestServiceChangesType(t *testing.T) {
	w := newWorld(t)
	first := w.mustCreateService(serviceWith("web", corev1.ServiceTypeNodePort, nil))
	to := func(kind corev1.ServiceType, change func(*corev1.ServiceSpec)) *corev1.Service {
		svc := copyOf[*corev1.Service](w.get("services", "default/web"))
		svc.Spec.Type = kind
		if change != nil {
			change(&svc.Spec)
		}
		return w.mustUpdate("services", "", svc).(*corev1.Service)
	}

	plain := to(corev1.ServiceTypeClusterIP, nil)
	require.Equal(t, first.Spec.ClusterIP, plain.Spec.ClusterIP)
	require.Zero(t, plain.Spec.Ports[0].NodePort)
	require.Zero(t, w.rows(nodePorts))

	external := to(corev1.ServiceTypeExternalName, func(s *corev1.ServiceSpec) { s.ExternalName = "example.com" })
	require.Empty(t, external.Spec.ClusterIP)
	require.Zero(t, w.rows(clusterIPs))

	balanced := to(corev1.ServiceTypeLoadBalancer, func(s *corev1.ServiceSpec) {
		s.ExternalName = ""
		s.ExternalTrafficPolicy = corev1.ServiceExternalTrafficPolicyLocal
	})
	require.NotEmpty(t, balanced.Spec.ClusterIP)
	require.NotZero(t, balanced.Spec.Ports[0].NodePort)
	require.NotZero(t, balanced.Spec.HealthCheckNodePort)
	require.Equal(t, 2, w.rows(nodePorts))

	_, err := w.delete("services", "default/web", nil)
	require.NoError(t, err)
	require.Zero(t, w.rows(nodePorts)+w.rows(clusterIPs))
}

func TestClusterIPIsForLife(t *testing.T) {
	w := newWorld(t)
	svc := copyOf[*corev1.Service](w.mustCreateService(clusterIPService("web")))
	ip := svc.Spec.ClusterIP
	svc.Spec.ClusterIP = "10.43.0.99"
	_, err := w.update("services", "", svc)
	require.Equal(t, `422 Invalid: Service "web" is invalid: spec.clusterIPs[0]: Invalid value: ["10.43.0.99"]: may not change once set`, answer(err))
	require.Equal(t, ip, w.get("services", "default/web").(*corev1.Service).Spec.ClusterIP)
}

func TestBootstrap(t *testing.T) {
	w := newEmptyWorld(t)
	require.NoError(t, w.Bootstrap())
	svc := w.get("services", "default/kubernetes").(*corev1.Service)
	require.Equal(t, "10.43.0.1", svc.Spec.ClusterIP)
	require.EqualValues(t, 443, svc.Spec.Ports[0].Port)
	require.EqualValues(t, 6443, svc.Spec.Ports[0].TargetPort.IntValue())
	require.Equal(t, "10.0.0.1", w.get("endpoints", "default/kubernetes").(*corev1.Endpoints).Subsets[0].Addresses[0].IP)
	require.NotNil(t, w.get("endpointslices", "default/kubernetes"))
	require.NotNil(t, w.get("ipaddresses", "10.43.0.1"))
	cidr := w.get("servicecidrs", "kubernetes").(*networkingv1.ServiceCIDR)
	require.Equal(t, []string{"10.43.0.0/16"}, cidr.Spec.CIDRs)
	require.Equal(t, metav1.ConditionTrue, cidr.Status.Conditions[0].Status)
	exempt := w.get("flowschemas", "exempt").(*flowcontrolv1.FlowSchema)
	require.Equal(t, flowcontrolv1.ConditionFalse, exempt.Status.Conditions[0].Status)
	require.NotNil(t, w.get("prioritylevelconfigurations", exempt.Spec.PriorityLevelConfiguration.Name))
	res, err := w.Do(w.request(List, "namespaces", ""))
	require.NoError(t, err)
	var names []string
	for _, o := range res.Items {
		names = append(names, o.(metav1.Object).GetName())
	}
	require.Equal(t, []string{"default", "kube-node-lease", "kube-public", "kube-system"}, names)
	require.ErrorContains(t, w.Bootstrap(), `bootstrapping namespaces: namespaces "kube-system" already exists`)
}
