package outside

import (
	"errors"
	"fmt"
	"iter"
	"net"
	"net/url"
	"path"
	"strconv"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/kinds"
)

// World is what there is to know about Services.
type World interface {
	// Get returns an object of the stored version, frozen, or nil.
	Get(gr schema.GroupResource, namespace, name string) kinds.Object
	// List ranges over the objects of one namespace in key order. They are
	// frozen.
	List(gr schema.GroupResource, namespace string) iter.Seq[kinds.Object]
}

// Locate says where the question goes: to a URL, or to the endpoint of a
// Service of the world. The timeout must be set before. The error is upstream's
// for a webhook that is not to be reached.
func (q *Question) Locate(w World, config admissionregistrationv1.WebhookClientConfig) error {
	if s := config.Service; s != nil {
		return q.locateService(w, s)
	}
	if config.URL == nil {
		return errors.New("webhook configuration must have either service or URL")
	}
	u, err := url.Parse(*config.URL)
	if err != nil {
		return fmt.Errorf("Unparsable URL: %w", err) //lint:ignore ST1005 upstream's text
	}
	q.URL = u.Scheme + "://" + u.Host + path.Join("/", u.Path)
	return nil
}

// locateService finds an endpoint of a Service. One that is a Pod of the world
// runs no program, so nothing listens there. An address that was written into
// an EndpointSlice by hand is on the real network.
//
// Upstream: k8s.io/apiserver/pkg/util/proxy (ResolveEndpoint), with the first ready endpoint instead of a random one; simulated Pods refuse the connection.
func (q *Question) locateService(w World, s *admissionregistrationv1.ServiceReference) error {
	port := ptr.Deref(s.Port, 443)
	host := net.JoinHostPort(s.Name+"."+s.Namespace+".svc", strconv.Itoa(int(port)))
	q.URL = "https://" + host + path.Join("/", ptr.Deref(s.Path, ""))
	address, simulated, err := resolve(w, s, port)
	if err == nil && simulated {
		err = fmt.Errorf("dial tcp %s: connect: connection refused", address)
	}
	if err != nil {
		return &url.Error{Op: "Post", URL: q.URL + "?timeout=" + q.Timeout.String(), Err: err}
	}
	q.Address = address
	return nil
}

func resolve(w World, s *admissionregistrationv1.ServiceReference, port int32) (address string, simulated bool, err error) {
	service, ok := w.Get(services, s.Namespace, s.Name).(*corev1.Service)
	if !ok {
		return "", false, apierrors.NewNotFound(schema.GroupResource{Resource: "service"}, s.Name)
	}
	switch service.Spec.Type {
	case corev1.ServiceTypeClusterIP, corev1.ServiceTypeLoadBalancer, corev1.ServiceTypeNodePort:
	default:
		return "", false, fmt.Errorf("unsupported service type %q", service.Spec.Type)
	}
	for i := range service.Spec.Ports {
		if p := &service.Spec.Ports[i]; p.Port == port {
			return endpoint(w, service, p.Name)
		}
	}
	return "", false, apierrors.NewServiceUnavailable(fmt.Sprintf("no service port %d found for service %q", port, s.Name))
}

// endpoint is the first ready one of the Service's port.
func endpoint(w World, service *corev1.Service, port string) (address string, simulated bool, err error) {
	for o := range w.List(endpointSlices, service.Namespace) {
		slice := o.(*discoveryv1.EndpointSlice)
		if slice.Labels[discoveryv1.LabelServiceName] != service.Name {
			continue
		}
		for _, p := range slice.Ports {
			if p.Name == nil || *p.Name != port || p.Port == nil {
				continue
			}
			for _, e := range slice.Endpoints {
				if ptr.Deref(e.Conditions.Ready, true) && len(e.Addresses) > 0 {
					return net.JoinHostPort(e.Addresses[0], strconv.Itoa(int(*p.Port))), e.TargetRef != nil, nil
				}
			}
		}
	}
	return "", false, apierrors.NewServiceUnavailable(fmt.Sprintf("no endpoints available for service %q", service.Name))
}

var (
	services       = schema.GroupResource{Resource: "services"}
	endpointSlices = schema.GroupResource{Group: discoveryv1.GroupName, Resource: "endpointslices"}
)
