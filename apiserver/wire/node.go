package wire

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/kubeletsim"
)

// Node is the node side of a cluster, as the API server sees it through the
// kubelets: what runs in containers. A nil function stands for a cluster in
// which there is nothing that could answer.
type Node struct {
	// Log reads what a container has written. Its error is a 400. Whoever
	// follows a log calls it again after each write to the store.
	Log func(pod *corev1.Pod, container string, previous bool) (kubeletsim.Log, error)
	// Exec runs a command in a running container until it ends or ctx does. The error
	// of a command that ends badly is an exec.ExitError of k8s.io/utils.
	Exec func(ctx context.Context, pod *corev1.Pod, container string, command []string, streams Streams) error
	// Attach connects to the main process of a running container.
	Attach func(ctx context.Context, pod *corev1.Pod, container string, streams Streams) error
	// PortForward connects to a port of a Pod until one side hangs up.
	PortForward func(ctx context.Context, pod *corev1.Pod, port int32, connection io.ReadWriteCloser) error
	// HTTP carries a proxy's request to an address of a Pod or node.
	HTTP http.RoundTripper
}

// Streams are the standard streams of a process. Those that the client did not
// ask for are nil.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	TTY      bool
}

// refuseExec says what containerd does about a command that a container's file
// system does not have.
func refuseExec(pod *corev1.Pod, container string, command []string) error {
	return fmt.Errorf("failed to exec in container: failed to start exec %q: OCI runtime exec failed: exec failed: unable to start container process: exec: %q: executable file not found in $PATH",
		execID(pod, container, command), command[0])
}

// execID names a run of a command as a runtime would.
func execID(pod *corev1.Pod, container string, command []string) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(string(pod.UID)+"/"+container+"/"+strings.Join(command, "\x00"))))
}

// refusePort says what a runtime does about a port that nobody listens on.
func refusePort(pod *corev1.Pod, port int32) error {
	return fmt.Errorf("failed to connect to localhost:%d inside namespace %q, IPv4: dial tcp4 127.0.0.1:%d: connect: connection refused IPv6 dial tcp6: address localhost: no suitable address found", port, pod.UID, port)
}

// runs says why nobody can speak to a container now, in the kubelet's words.
func runs(pod *corev1.Pod, container string) error {
	for _, statuses := range [][]corev1.ContainerStatus{
		pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses, pod.Status.EphemeralContainerStatuses,
	} {
		for i := range statuses {
			if statuses[i].Name == container && statuses[i].State.Running != nil {
				return nil
			}
		}
	}
	return fmt.Errorf("container not found (%q)", container)
}

var (
	errNoProgram = errors.New("no program answers")
	errNoCommand = errors.New("failed to exec in container: failed to create exec: args must not be empty")
)
