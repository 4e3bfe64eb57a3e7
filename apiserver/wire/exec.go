package wire

import (
	"context"
	"io"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	"k8s.io/streaming/pkg/httpstream"
	"k8s.io/streaming/pkg/httpstream/wsstream"

	"github.com/minik8s/minik8s/apiserver"
)

// How long an upgraded connection may be silent, and how long a client may take
// to open its streams.
//
// Upstream: pkg/kubelet/server (streamingConnectionIdleTimeout).
const (
	streamIdleTimeout     = 4 * time.Hour
	streamCreationTimeout = 30 * time.Second
)

// exec runs a command in a container.
func (x *exchange) exec(to *apiserver.Connection, options *corev1.PodExecOptions) error {
	asked := &remotecommand.Options{Stdin: options.Stdin, Stdout: options.Stdout, Stderr: options.Stderr, TTY: options.TTY}
	return x.stream(to, asked, func(ctx context.Context, streams Streams) error {
		switch {
		case len(options.Command) == 0:
			return errNoCommand
		case x.Node.Exec == nil:
			return refuseExec(to.Pod, to.Container, options.Command)
		}
		return x.Node.Exec(ctx, to.Pod, to.Container, options.Command, streams)
	})
}

// attach connects to the main process of a container.
func (x *exchange) attach(to *apiserver.Connection, options *corev1.PodAttachOptions) error {
	asked := &remotecommand.Options{Stdin: options.Stdin, Stdout: options.Stdout, Stderr: options.Stderr, TTY: options.TTY}
	return x.stream(to, asked, func(ctx context.Context, streams Streams) error {
		if x.Node.Attach == nil {
			return errNoProgram
		}
		return x.Node.Attach(ctx, to.Pod, to.Container, streams)
	})
}

// stream upgrades the connection, to WebSockets or SPDY, and runs a process at
// the other end of its streams. How that ends is told on the error stream.
//
// Upstream: pkg/kubelet/server (getExec, getAttach), with the runtime's streaming server in the place of a proxy to it.
func (x *exchange) stream(to *apiserver.Connection, asked *remotecommand.Options, run process) error {
	if err := upgrades(x.r); err != nil {
		return err
	}
	if err := runs(to.Pod, to.Container); err != nil {
		return apierrors.NewInternalError(err)
	}
	if !asked.Stdin && !asked.Stdout && !asked.Stderr {
		return apierrors.NewBadRequest("you must specify at least 1 of stdin, stdout, stderr")
	}
	if wsstream.IsWebSocketRequestWithStreamCloseProtocol(x.r) {
		serveV5(x.w, x.r, asked, run)
		return nil
	}
	remotecommand.ServeExec(x.w, x.r, run, to.Pod.Name, string(to.Pod.UID), to.Container, nil, asked, streamIdleTimeout, streamCreationTimeout, remotecommand.SupportedStreamingProtocols)
	return nil
}

// upgrades refuses a request that does not ask for another protocol.
func upgrades(r *http.Request) error {
	if httpstream.IsUpgradeRequest(r) {
		return nil
	}
	return apierrors.NewBadRequest("Upgrade request required")
}

// process is what runs at the other end of the streams. It is the executor
// that the streaming server of container runtimes wants.
type process func(context.Context, Streams) error

// ExecInContainer runs the process, whatever container it is for.
func (run process) ExecInContainer(ctx context.Context, _, _, _ string, _ []string, in io.Reader, out, err io.WriteCloser, tty bool, _ <-chan remotecommand.TerminalSize, _ time.Duration) error {
	return run(ctx, Streams{In: in, Out: writer(out), Err: writer(err), TTY: tty})
}

// writer keeps what is nil from becoming an interface that is not.
func writer(w io.WriteCloser) io.Writer {
	if w == nil {
		return nil
	}
	return w
}
