package proxysim

import (
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// KubeProxy keeps a machine's ProxyRules as the Services want them. A key is
// a Service.
func KubeProxy() reconcile.Component {
	return reconcile.Component{
		Name:    "kube-proxy",
		User:    "system:kube-proxy",
		For:     reconcile.Services.GroupResource,
		PerNode: true,
		Watches: []reconcile.Watch{
			reconcile.Self(reconcile.Services.GroupResource),
			reconcile.Mapped(reconcile.EndpointSlices.GroupResource, serviceOfSlice),
		},
		Reconcile: syncService,
	}
}

func serviceOfSlice(_ reconcile.View, o reconcile.Object) []reconcile.Key {
	service := o.GetLabels()[discoveryv1.LabelServiceName]
	if service == "" {
		return nil
	}
	return []reconcile.Key{{Namespace: o.GetNamespace(), Name: service}}
}

// syncPeriod is the shortest time between two writes of the same rules.
//
// Upstream: pkg/proxy/runner (minSyncPeriod 1s), for each Service by itself instead of all at once.
const syncPeriod = time.Second

// syncService makes the machine's rules for one Service what they should be.
func syncService(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
	var plan reconcile.Plan
	key := reconcile.Key{Namespace: req.Node, Name: req.Namespace + "." + req.Name}
	current, exists := reconcile.ProxyRules.Get(v, key)
	service, ok := reconcile.Services.Get(v, req.Key)
	if !ok || !isProxied(service) {
		if exists {
			plan.Delete(current, "no such service to proxy")
		}
		return plan, nil
	}
	if wait := untilSync(current, exists, v.Now()); wait > 0 {
		plan.RequeueAfter(wait, "rules are programmed once a second at the most")
		return plan, nil
	}
	desired := rulesFor(v, service, req.Node)
	if !exists {
		desired.Namespace, desired.Name = key.Namespace, key.Name
		desired.Synced = metav1.NewMicroTime(v.Now())
		plan.Create(desired, "service has no rules here, needs %s", describe(desired))
		return plan, nil
	}
	if equalRules(current, desired) {
		return plan, nil
	}
	desired.ObjectMeta = *current.ObjectMeta.DeepCopy()
	desired.Synced = metav1.NewMicroTime(v.Now())
	plan.Update(desired, "was %s, is %s", describe(current), describe(desired))
	return plan, nil
}

// untilSync is how long rules that exist must stay as they are. It comes before
// anything is worked out, so that a Service whose endpoints come one by one
// costs each machine one look a second.
func untilSync(current *nodelocal.ProxyRules, exists bool, now time.Time) time.Duration {
	if !exists {
		return 0
	}
	return current.Synced.Add(syncPeriod).Sub(now)
}

// isProxied leaves out Services without an address of their own, and those
// that another proxy serves.
func isProxied(s *corev1.Service) bool {
	_, other := s.Labels["service.kubernetes.io/service-proxy-name"]
	return !other && s.Spec.Type != corev1.ServiceTypeExternalName &&
		s.Spec.ClusterIP != "" && s.Spec.ClusterIP != corev1.ClusterIPNone
}

// rulesFor works out a Service's rules on a machine.
func rulesFor(v reconcile.View, service *corev1.Service, node string) *nodelocal.ProxyRules {
	spec := &service.Spec
	rules := &nodelocal.ProxyRules{Service: service.Namespace + "/" + service.Name}
	if spec.SessionAffinity == corev1.ServiceAffinityClientIP {
		rules.SessionAffinity = string(corev1.ServiceAffinityClientIP)
		rules.AffinitySeconds = corev1.DefaultClientIPServiceAffinitySeconds
		if c := spec.SessionAffinityConfig; c != nil && c.ClientIP != nil && c.ClientIP.TimeoutSeconds != nil {
			rules.AffinitySeconds = *c.ClientIP.TimeoutSeconds
		}
	}
	found := endpointSlices(v, service)
	for i := range spec.Ports {
		port := &spec.Ports[i]
		p := nodelocal.ProxyPort{
			Name:            port.Name,
			Protocol:        port.Protocol,
			ClusterIPs:      ipv4(clusterIPs(spec)...),
			Port:            port.Port,
			NodePort:        port.NodePort,
			ExternalIPs:     ipv4(spec.ExternalIPs...),
			LoadBalancerIPs: loadBalancerIPs(service),
			InternalLocal:   ptr.Deref(spec.InternalTrafficPolicy, "") == corev1.ServiceInternalTrafficPolicyLocal,
			ExternalLocal:   spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal,
		}
		p.Endpoints, p.LocalEndpoints = endpoints(found, port, node, p.InternalLocal || p.ExternalLocal)
		rules.Ports = append(rules.Ports, p)
	}
	return rules
}

func clusterIPs(spec *corev1.ServiceSpec) []string {
	if len(spec.ClusterIPs) > 0 {
		return spec.ClusterIPs
	}
	return []string{spec.ClusterIP}
}

// loadBalancerIPs are those whose traffic arrives with the balancer's own
// address as destination, and so has to be caught here.
func loadBalancerIPs(service *corev1.Service) []string {
	var ips []string
	for _, ingress := range service.Status.LoadBalancer.Ingress {
		if ptr.Deref(ingress.IPMode, corev1.LoadBalancerIPModeVIP) == corev1.LoadBalancerIPModeVIP && ingress.IP != "" {
			ips = append(ips, ingress.IP)
		}
	}
	return ipv4(ips...)
}

func ipv4(ips ...string) []string {
	return slices.DeleteFunc(slices.Clone(ips), func(ip string) bool { return strings.Contains(ip, ":") })
}
