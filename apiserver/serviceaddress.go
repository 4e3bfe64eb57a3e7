package apiserver

import (
	"fmt"
	"net"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/store"
)

// serviceAddress is that of a Pod behind a Service which is ready. A port may
// be given by its name or its number.
//
// Upstream: pkg/registry/core/service/storage (ResourceLocation), with the first ready endpoint where upstream takes any.
func (c *call) serviceAddress(snapshot *store.Snapshot, name, port string) (string, error) {
	if number, err := strconv.ParseInt(port, 10, 64); err == nil {
		stored := snapshot.Get(services, c.req.Namespace, name)
		if stored == nil {
			return "", apierrors.NewNotFound(services, name)
		}
		ports := stored.Value.(*corev1.Service).Spec.Ports
		i := slices.IndexFunc(ports, func(p corev1.ServicePort) bool { return int64(p.Port) == number })
		if i < 0 {
			return "", apierrors.NewServiceUnavailable(fmt.Sprintf("no service port %d found for service %q", number, name))
		}
		port = ports[i].Name
	}
	for stored := range snapshot.ListFrom(endpointSlices, c.req.Namespace, "", "") {
		slice := stored.Value.(*discoveryv1.EndpointSlice)
		if slice.Labels[discoveryv1.LabelServiceName] != name {
			continue
		}
		for _, p := range slice.Ports {
			if p.Name == nil || *p.Name != port || p.Port == nil {
				continue
			}
			if address := c.readyAddress(snapshot, slice); address != "" {
				return net.JoinHostPort(address, strconv.Itoa(int(*p.Port))), nil
			}
		}
	}
	return "", apierrors.NewServiceUnavailable(fmt.Sprintf("no endpoints available for service %q", name))
}

// readyAddress is the address of the slice's first ready endpoint, or empty.
func (c *call) readyAddress(snapshot *store.Snapshot, slice *discoveryv1.EndpointSlice) string {
	for i := range slice.Endpoints {
		if e := &slice.Endpoints[i]; ptr.Deref(e.Conditions.Ready, true) && c.isPod(snapshot, e) {
			return e.Addresses[0]
		}
	}
	return ""
}

// isPod says that an endpoint is what it claims to be, a Pod of the namespace
// of the request: nobody shall reach other addresses through the API server.
func (c *call) isPod(snapshot *store.Snapshot, e *discoveryv1.Endpoint) bool {
	if e.TargetRef == nil || e.TargetRef.Namespace != c.req.Namespace {
		return false
	}
	stored := snapshot.Get(pods, c.req.Namespace, e.TargetRef.Name)
	return stored != nil && slices.ContainsFunc(stored.Value.(*corev1.Pod).Status.PodIPs, func(ip corev1.PodIP) bool { return ip.IP == e.Addresses[0] })
}
