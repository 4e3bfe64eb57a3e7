package wire

import (
	"context"
	"io"
	"net/http"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	tunnel "k8s.io/apiserver/pkg/util/proxy"
	"k8s.io/cri-streaming/pkg/streaming/portforward"
	"k8s.io/streaming/pkg/httpstream/wsstream"

	"github.com/minik8s/minik8s/apiserver"
)

// portForward carries connections to ports of a Pod: each in a pair of SPDY
// streams, which kubectl tunnels through a WebSocket.
//
// Upstream: pkg/registry/core/pod/rest (PortForwardREST) and pkg/kubelet/server (getPortForward).
func (x *exchange) portForward(to *apiserver.Connection) error {
	if err := upgrades(x.r); err != nil {
		return err
	}
	tunnels := wsstream.IsWebSocketRequestWithTunnelingProtocol(x.r)
	options := &portforward.V4Options{}
	if !tunnels {
		var err error
		if options, err = portforward.NewV4Options(x.r); err != nil {
			return apierrors.NewBadRequest(err.Error())
		}
	}
	var handler http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if tunnels {
			w = &spelledOut{w, http.Header{}}
		}
		portforward.ServePortForward(w, r, forwarder{x, to.Pod}, to.Pod.Name, string(to.Pod.UID), options, streamIdleTimeout, streamCreationTimeout, portforward.SupportedProtocols)
	})
	if tunnels {
		handler = tunnel.NewTunnelingHandler(handler)
	}
	handler.ServeHTTP(x.w, x.r)
	return nil
}

// forwarder is what the streaming server hands each connection to.
type forwarder struct {
	*exchange
	pod *corev1.Pod
}

// PortForward connects to a port of the Pod, whatever name is given.
func (f forwarder) PortForward(ctx context.Context, _, _ string, port int32, stream io.ReadWriteCloser) error {
	if f.Node.PortForward == nil {
		return refusePort(f.pod, port)
	}
	return f.Node.PortForward(ctx, f.pod, port, stream)
}
