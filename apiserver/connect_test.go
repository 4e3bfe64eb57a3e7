package apiserver

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
)

func (w *world) connectTo(verb Verb, plural, key, subresource string, options runtime.Object) (*Connection, error) {
	req := w.request(verb, plural, key)
	req.Subresource, req.Object = subresource, options
	require.False(w, w.Writes(&req))
	res, err := w.Do(req)
	return res.Connection, err
}

// reachable is a world with a Pod of two containers and a debugger in it, a
// Service with an endpoint, and a node.
func reachable(w *world) {
	pod := newPodObject("web")
	pod.Spec.Containers[0].Ports = []corev1.ContainerPort{{ContainerPort: 8080}}
	pod.Spec.Containers = append(pod.Spec.Containers, corev1.Container{Name: "side", Image: "busybox"})
	w.mustCreate("pods", "default", pod)
	require.NoError(w, w.bind("default/web", "node-1"))
	pod = copyOf[*corev1.Pod](w.get("pods", "default/web"))
	pod.Status.PodIP, pod.Status.PodIPs = "10.42.0.5", []corev1.PodIP{{IP: "10.42.0.5"}}
	w.mustUpdate("pods", "status", pod)
	pod = copyOf[*corev1.Pod](w.get("pods", "default/web"))
	pod.Spec.EphemeralContainers = []corev1.EphemeralContainer{debugger("debugger")}
	w.mustUpdate("pods", "ephemeralcontainers", pod)
	w.mustCreate("pods", "default", newPodObject("waiting"))

	service := clusterIPService("front")
	service.Spec.Ports[0].Name = "http"
	w.mustCreate("services", "default", service)
	w.mustCreate("endpointslices", "default", &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Name: "front-1", Labels: map[string]string{discoveryv1.LabelServiceName: "front"}},
		AddressType: discoveryv1.AddressTypeIPv4,
		Ports:       []discoveryv1.EndpointPort{{Name: ptr.To("http"), Port: ptr.To[int32](8080), Protocol: ptr.To(corev1.ProtocolTCP)}},
		Endpoints: []discoveryv1.Endpoint{
			{Addresses: []string{"10.42.0.9"}, Conditions: discoveryv1.EndpointConditions{Ready: ptr.To(true)}},
			{Addresses: []string{"10.42.0.5"}, TargetRef: &corev1.ObjectReference{Kind: "Pod", Namespace: "default", Name: "web"}},
		},
	})
	node := copyOf[*corev1.Node](w.mustCreate("nodes", "", &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "node-1"}}))
	node.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "192.168.0.11"}}
	w.mustUpdate("nodes", "status", node)
}

func TestConnect(t *testing.T) {
	w := newWorld(t)
	reachable(w)
	for _, test := range []struct {
		options         runtime.Object
		key, sub, where string
	}{
		{&corev1.PodLogOptions{Container: "side"}, "default/web", "log", "side"},
		{&corev1.PodExecOptions{Container: "debugger"}, "default/web", "exec", "debugger"},
		{&corev1.PodAttachOptions{Container: "web"}, "default/web", "attach", "web"},
		{&corev1.PodPortForwardOptions{}, "default/web", "portforward", ""},
		{&corev1.PodLogOptions{}, "default/waiting", "log", ""},
	} {
		to, err := w.connectTo(Create, "pods", test.key, test.sub, test.options)
		require.NoError(t, err)
		require.Equal(t, test.where, to.Container)
		require.Same(t, w.get("pods", test.key), to.Pod)
	}
}

func TestProxyLocation(t *testing.T) {
	w := newWorld(t)
	reachable(w)
	for _, test := range []struct{ plural, key, want string }{
		{"pods", "default/web", "//10.42.0.5:8080"},
		{"pods", "default/https:web:8443", "https://10.42.0.5:8443"},
		{"services", "default/front:http", "//10.42.0.5:8080"},
		{"services", "default/https:front:80", "https://10.42.0.5:8080"},
		{"nodes", "node-1", "https://192.168.0.11:10250"},
		{"nodes", "node-1:9100", "//192.168.0.11:9100"},
	} {
		to, err := w.connectTo(Get, test.plural, test.key, "proxy", nil)
		require.NoError(t, err, test.key)
		require.Equal(t, test.want, to.URL.String())
	}
}

func TestConnectRefused(t *testing.T) {
	connect := func(plural, key, subresource string, options runtime.Object) func(*world) error {
		return func(w *world) error {
			_, err := w.connectTo(Get, plural, key, subresource, options)
			return err
		}
	}
	testRefusals(t, reachable, []refusal{
		{"no such pod", connect("pods", "default/none", "log", &corev1.PodLogOptions{}), `404 NotFound: pods "none" not found`},
		{"no container chosen", connect("pods", "default/web", "exec", &corev1.PodExecOptions{}),
			"400 BadRequest: a container name must be specified for pod web, choose one of: [web side debugger]"},
		{"no such container", connect("pods", "default/web", "log", &corev1.PodLogOptions{Container: "x"}),
			"400 BadRequest: container x is not valid for pod web"},
		{"no node yet", connect("pods", "default/waiting", "exec", &corev1.PodExecOptions{}),
			"400 BadRequest: pod waiting does not have a host assigned"},
		{"no node yet for a port", connect("pods", "default/waiting", "portforward", nil),
			"400 BadRequest: pod waiting does not have a host assigned"},
		{"bad log options", connect("pods", "default/web", "log", &corev1.PodLogOptions{TailLines: ptr.To[int64](-1), LimitBytes: ptr.To[int64](0)}),
			`422 Invalid: PodLogOptions "web" is invalid: [tailLines: Invalid value: -1: must be greater than or equal to 0, limitBytes: Invalid value: 0: must be greater than 0]`},
		{"a bad name", connect("pods", "default/a:b:c:d", "proxy", nil), `400 BadRequest: invalid pod request "a:b:c:d"`},
		{"a proxy to no pod", connect("pods", "default/none:80", "proxy", nil), `404 NotFound: pods "none" not found`},
		{"a pod without an address", connect("pods", "default/waiting", "proxy", nil), "400 BadRequest: address not allowed"},
		{"a proxy to no service", connect("services", "default/none", "proxy", nil), `503 ServiceUnavailable: no endpoints available for service "none"`},
		{"a service's other port", connect("services", "default/front:81", "proxy", nil), `503 ServiceUnavailable: no service port 81 found for service "front"`},
		{"a service's port without a name", connect("services", "default/front", "proxy", nil), `503 ServiceUnavailable: no endpoints available for service "front"`},
		{"a port of no service", connect("services", "default/none:80", "proxy", nil), `404 NotFound: services "none" not found`},
		{"no such node", connect("nodes", "none", "proxy", nil), `404 NotFound: nodes "none" not found`},
		{"what cannot be reached", connect("configmaps", "default/a", "exec", nil), "404 NotFound: the server could not find the requested resource (get configmaps a)"},
	})
}
