package kubeletsim

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// result is what a probe, or one attempt of it, has come to.
type result int

const (
	unknown result = iota // of an attempt: it could not be made
	success
	failure
)

// answer is what a container's program says to a probe at a moment.
type answer struct {
	result result
	output string    // of what is no success, as events tell it
	until  time.Time // it says the same until then; zero is for ever
}

// target is the container that a probe is about.
type target struct {
	pod  *corev1.Pod
	ip   string
	spec *corev1.Container
	c    *nodelocal.Container
}

// answer says what the target's program answers to a probe at a moment of its
// run. It is the one place that knows what programs say.
//
// Upstream: pkg/kubelet/prober (runProbe), without a network that can be slow or broken, and without hosts other than the Pod itself: none of those can be reached.
func (t *target) answer(probe *corev1.Probe, at time.Time) answer {
	timeout := time.Duration(max(probe.TimeoutSeconds, 1)) * time.Second
	switch {
	case probe.Exec != nil:
		return t.exec(probe.Exec.Command, timeout, at)
	case probe.HTTPGet != nil:
		return t.httpGet(probe.HTTPGet, at)
	case probe.TCPSocket != nil:
		port, err := t.port(probe.TCPSocket.Port)
		if err != nil {
			return answer{result: unknown, output: err.Error()}
		}
		if _, output := t.dial(probe.TCPSocket.Host, port); output != "" {
			return answer{result: failure, output: output}
		}
	case probe.GRPC != nil:
		if l, output := t.dial("", probe.GRPC.Port); output != "" || !l.declared {
			address := net.JoinHostPort(t.ip, strconv.Itoa(int(probe.GRPC.Port)))
			return answer{result: failure, output: fmt.Sprintf("timeout: failed to connect service %q within %v: context deadline exceeded", address, timeout)}
		}
	}
	return answer{result: success}
}

// dial opens a connection, and says who accepts it, or how that fails.
func (t *target) dial(host string, port int32) (l listening, problem string) {
	if host == "" || host == t.ip || t.pod.Spec.HostNetwork && isLoopback(host) {
		if l, ok := t.listener(port); ok {
			return l, ""
		}
	}
	if host == "" {
		host = t.ip
	}
	if net.ParseIP(host) == nil && !isLoopback(host) {
		return l, "dial tcp: lookup " + host + ": no such host"
	}
	address := net.JoinHostPort(host, strconv.Itoa(int(port)))
	if host == t.ip || isLoopback(host) {
		return l, "dial tcp " + address + ": connect: connection refused"
	}
	return l, "dial tcp " + address + ": i/o timeout"
}

// listener finds what accepts connections on a port of the Pod: containers
// share the Pod's network.
//
// Upstream: a Pod's network namespace, without regard to whether a neighbour that listens on the port happens to run.
func (t *target) listener(port int32) (listening, bool) {
	if l := listens(t.spec); l.on(port, t.spec) {
		return l, true
	}
	for i := range t.pod.Spec.Containers {
		other := &t.pod.Spec.Containers[i]
		if other.Name == t.spec.Name {
			continue
		}
		if l := listens(other); l.on(port, other) && (!l.declared || len(other.Ports) > 0) {
			return l, true
		}
	}
	return listening{}, false
}

// httpGet asks for a page.
//
// Upstream: pkg/probe/http (DoHTTPProbe), without redirects, headers and what a server that does not speak HTTP sends before it hangs up.
func (t *target) httpGet(get *corev1.HTTPGetAction, at time.Time) answer {
	port, err := t.port(get.Port)
	if err != nil {
		return answer{result: unknown, output: err.Error()}
	}
	page, err := url.Parse(get.Path)
	if err != nil {
		page = &url.URL{Path: get.Path}
	}
	fails := func(problem string) answer {
		asked, host := *page, get.Host
		if host == "" {
			host = t.ip
		}
		asked.Scheme, asked.Host = strings.ToLower(string(get.Scheme)), net.JoinHostPort(host, strconv.Itoa(int(port)))
		if asked.Scheme == "" {
			asked.Scheme = "http"
		}
		return answer{result: failure, output: fmt.Sprintf("Get %q: %s", asked.String(), problem)}
	}
	l, problem := t.dial(get.Host, port)
	switch {
	case problem != "":
		return fails(problem)
	case l.declared:
		return answer{result: success}
	case l.site == nil:
		return fails("EOF")
	case get.Scheme == corev1.URISchemeHTTPS:
		return fails("http: server gave HTTP response to HTTPS client")
	}
	code, changes := l.site(page.Path, at.Sub(t.c.Started.Time))
	a := answer{result: success}
	if code < 200 || code >= 400 {
		a.result, a.output = failure, fmt.Sprintf("HTTP probe failed with statuscode: %d", code)
	}
	if changes > 0 {
		a.until = t.c.Started.Add(changes)
	}
	return a
}

// exec runs a command in the container. One that is not known succeeds.
//
// Upstream: pkg/probe/exec (Probe), without commands that the simulator does not know failing.
func (t *target) exec(command []string, timeout time.Duration, at time.Time) answer {
	a := answer{result: success, until: nextFileChange(t.c, at)}
	r, understood := runCommand(command, Environment{
		Now:     at,
		Finds:   func(file string) bool { return hasFile(t.pod, t.spec, t.c, file, at) },
		BusyBox: hasBusyBox(t.spec.Image),
	})
	switch {
	case !understood:
	case r.ExitsAfter == Never || r.ExitsAfter > timeout:
		a.result, a.output = failure, fmt.Sprintf("command timed out: %q timed out after %s", strings.Join(command, " "), timeout)
	case r.ExitCode != 0:
		a.result = failure
		for _, line := range r.Logs {
			a.output += line + "\n"
		}
	}
	return a
}

// port is a probe's port, which may be given by name.
func (t *target) port(port intstr.IntOrString) (int32, error) {
	number := port.IntVal
	if port.Type == intstr.String {
		number = 0
		for i := range t.spec.Ports {
			if t.spec.Ports[i].Name == port.StrVal {
				number = t.spec.Ports[i].ContainerPort
			}
		}
		if number == 0 {
			return 0, fmt.Errorf("port %q not found", port.StrVal)
		}
	}
	if number <= 0 || number > 65535 {
		return 0, fmt.Errorf("invalid port number: %d", number)
	}
	return number, nil
}

func isLoopback(host string) bool { return host == "localhost" || strings.HasPrefix(host, "127.") }
