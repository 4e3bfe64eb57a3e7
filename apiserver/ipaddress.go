package apiserver

import (
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/kinds"
)

// allocatorName is what IPAddresses of Services say that they are managed by.
const allocatorName = "ipallocator.k8s.io"

// isTaken says whether an address is somebody's: a Service's, or that of an
// IPAddress which a user has made.
func (c *call) isTaken(ip string) bool {
	return c.tx.Row(clusterIPs, ip) != nil || c.tx.Get(ipAddresses, "", ip) != nil
}

// takeIP notes that an address is the service's, and has the IPAddress that
// shows it written right after the service: one object a write.
//
// Upstream: pkg/registry/core/service/ipallocator (createIPAddress), which writes it right before.
func (c *call) takeIP(ip netip.Addr, svc *corev1.Service) {
	c.tx.PutRow(clusterIPs, ip.String(), svc.Namespace+"/"+svc.Name)
	c.then(ipAddresses, func(next *call) error {
		return next.putNew(&networkingv1.IPAddress{
			ObjectMeta: metav1.ObjectMeta{
				Name: ip.String(),
				Labels: map[string]string{
					networkingv1.LabelIPAddressFamily: string(familyOf(ip)),
					networkingv1.LabelManagedBy:       allocatorName,
				},
			},
			Spec: networkingv1.IPAddressSpec{
				ParentRef: &networkingv1.ParentReference{Resource: services.Resource, Namespace: svc.Namespace, Name: svc.Name},
			},
		})
	})
}

// freeIP gives an address back, with the IPAddress that showed it.
func (c *call) freeIP(ip string) {
	c.tx.DeleteRow(clusterIPs, ip)
	c.then(ipAddresses, func(next *call) error {
		stored := next.tx.Get(ipAddresses, "", ip)
		if stored == nil || stored.Value.(*networkingv1.IPAddress).Labels[networkingv1.LabelManagedBy] != allocatorName {
			return nil
		}
		return next.remove(stored)
	})
}

// putNew stores an object that the API server itself makes: it needs no
// defaults, admission and validation.
func (c *call) putNew(obj kinds.Object) error {
	c.fillSystemFields(obj)
	obj.GetObjectKind().SetGroupVersionKind(c.GroupVersionKind)
	return c.put(obj, 0)
}
