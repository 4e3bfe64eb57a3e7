package apiserver

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	utilnet "k8s.io/apimachinery/pkg/util/net"

	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

// Connects says that a request is for what runs on a node rather than for the
// object that it names: a log, a command, a forwarded port, a proxy. The door
// only says where it leads (see Connection), and writes nothing.
func (r *Request) Connects() bool {
	switch r.Subresource {
	case "log", "exec", "attach", "portforward", "proxy":
		return true
	}
	return false
}

// opensConnection says that a request Connects in both directions. Reading a log
// is a read like any other.
func (r *Request) opensConnection() bool { return r.Connects() && r.Subresource != "log" }

// Connection is where a request that Connects leads.
type Connection struct {
	// Pod is frozen. It is nil for a proxy.
	Pod *corev1.Pod
	// Container is empty for a forwarded port, and for the log of a Pod that
	// has no node yet.
	Container string
	// URL is whom a proxy speaks to: scheme, host and port.
	URL *url.URL
}

// connect finds out where a request leads. Its Object is nil or the options of
// the subresource.
func (c *call) connect() error {
	if c.req.opensConnection() {
		if err := c.admitConnection(); err != nil {
			return err
		}
		if err := c.authorizeStream(); err != nil {
			return err
		}
	}
	snapshot := c.Store.Snapshot()
	if c.req.Subresource == "proxy" {
		location, err := c.proxyLocation(snapshot)
		c.response.Connection = &Connection{URL: location}
		return err
	}
	if c.GroupResource != pods {
		return noSuchResource(c.req)
	}
	if options, ok := c.req.Object.(*corev1.PodLogOptions); ok {
		if errs := kinds.ValidatePodLogOptions(options); len(errs) > 0 {
			return apierrors.NewInvalid(corev1.SchemeGroupVersion.WithKind("PodLogOptions").GroupKind(), c.req.Name, errs)
		}
	}
	stored := snapshot.Get(pods, c.req.Namespace, c.req.Name)
	if stored == nil {
		return c.notFound()
	}
	connection, err := connectionTo(stored.Value.(*corev1.Pod), c.req.Subresource, c.req.Object)
	c.response.Connection = connection
	return err
}

// authorizeStream is for a WebSocket, which is opened with a GET but takes the
// right to create.
//
// Upstream: pkg/registry/core/pod/rest (ensureAuthorizedForVerb), complete.
func (c *call) authorizeStream() error {
	if c.req.Verb != Get || c.req.Subresource == "proxy" {
		return nil
	}
	c.asked = attributesOf(c.req, c.resource, Create)
	if d := c.Authorize(&c.asked); !d.Allowed {
		return c.forbidden(c.req.Name, errors.New(d.Reason))
	}
	return nil
}

// connectionTo is how a Pod is reached through a subresource.
//
// Upstream: pkg/registry/core/pod (LogLocation, streamLocation, PortForwardLocation).
func connectionTo(pod *corev1.Pod, subresource string, options runtime.Object) (*Connection, error) {
	connection := &Connection{Pod: pod}
	if subresource != "portforward" {
		var err error
		if connection.Container, err = chooseContainer(pod, containerOf(options)); err != nil {
			return nil, err
		}
	}
	if pod.Spec.NodeName != "" {
		return connection, nil
	}
	if subresource == "log" {
		return &Connection{Pod: pod}, nil
	}
	return nil, apierrors.NewBadRequest(fmt.Sprintf("pod %s does not have a host assigned", pod.Name))
}

func containerOf(options runtime.Object) string {
	switch o := options.(type) {
	case *corev1.PodLogOptions:
		return o.Container
	case *corev1.PodExecOptions:
		return o.Container
	case *corev1.PodAttachOptions:
		return o.Container
	}
	return ""
}

// chooseContainer is the container that was asked for, or the only one.
func chooseContainer(pod *corev1.Pod, asked string) (string, error) {
	if asked == "" && len(pod.Spec.Containers) == 1 {
		return pod.Spec.Containers[0].Name, nil
	}
	var names []string
	for i := range pod.Spec.InitContainers {
		names = append(names, pod.Spec.InitContainers[i].Name)
	}
	for i := range pod.Spec.Containers {
		names = append(names, pod.Spec.Containers[i].Name)
	}
	for i := range pod.Spec.EphemeralContainers {
		names = append(names, pod.Spec.EphemeralContainers[i].Name)
	}
	if asked == "" {
		return "", apierrors.NewBadRequest(fmt.Sprintf("a container name must be specified for pod %s, choose one of: %s", pod.Name, names))
	}
	for _, name := range names {
		if name == asked {
			return name, nil
		}
	}
	return "", apierrors.NewBadRequest(fmt.Sprintf("container %s is not valid for pod %s", asked, pod.Name))
}

// proxyLocation is where a proxy request is sent on to. Its name is that of a
// Pod, Service or node, with a scheme before it or a port behind it.
func (c *call) proxyLocation(snapshot *store.Snapshot) (*url.URL, error) {
	scheme, name, port, valid := utilnet.SplitSchemeNamePort(c.req.Name)
	if !valid {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("invalid %s request %q", c.Singular, c.req.Name))
	}
	var host string
	var err error
	switch c.GroupResource {
	case pods:
		host, err = c.podAddress(snapshot, name, port)
	case services:
		host, err = c.serviceAddress(snapshot, name, port)
	case nodes:
		host, err = c.nodeAddress(snapshot, name, port)
		if port == "" || port == kubeletPort {
			scheme = "https"
		}
	default:
		return nil, noSuchResource(c.req)
	}
	if err != nil {
		return nil, err
	}
	return &url.URL{Scheme: scheme, Host: host}, nil
}

// podAddress is that of a Pod: its first port, unless one was asked for.
func (c *call) podAddress(snapshot *store.Snapshot, name, port string) (string, error) {
	stored := snapshot.Get(pods, c.req.Namespace, name)
	if stored == nil {
		return "", apierrors.NewNotFound(pods, name)
	}
	pod := stored.Value.(*corev1.Pod)
	for i := range pod.Spec.Containers {
		if ports := pod.Spec.Containers[i].Ports; port == "" && len(ports) > 0 {
			port = strconv.Itoa(int(ports[0].ContainerPort))
		}
	}
	var ip netip.Addr
	if len(pod.Status.PodIPs) > 0 {
		ip, _ = netip.ParseAddr(pod.Status.PodIPs[0].IP)
	}
	if !ip.IsGlobalUnicast() {
		return "", apierrors.NewBadRequest("address not allowed")
	}
	if port == "" {
		return ip.String(), nil
	}
	return net.JoinHostPort(ip.String(), port), nil
}

// kubeletPort is where kubelets listen.
const kubeletPort = "10250"

// nodeAddress is that of a node's kubelet, unless another port was asked for.
func (c *call) nodeAddress(snapshot *store.Snapshot, name, port string) (string, error) {
	stored := snapshot.Get(nodes, "", name)
	if stored == nil {
		return "", apierrors.NewNotFound(nodes, name)
	}
	if port == "" {
		port = kubeletPort
	}
	for _, wanted := range []corev1.NodeAddressType{corev1.NodeInternalIP, corev1.NodeExternalIP, corev1.NodeHostName} {
		for _, address := range stored.Value.(*corev1.Node).Status.Addresses {
			if address.Type == wanted {
				return net.JoinHostPort(address.Address, port), nil
			}
		}
	}
	return "", apierrors.NewInternalError(fmt.Errorf("no preferred addresses found; known addresses: %v", stored.Value.(*corev1.Node).Status.Addresses))
}
