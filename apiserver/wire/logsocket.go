package wire

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"slices"

	"golang.org/x/net/websocket"
	"k8s.io/streaming/pkg/httpstream/wsstream"
)

// sender writes to a client until all is said or the context is done. flush has
// what was written sent.
type sender func(ctx context.Context, to io.Writer, flush func() error)

// serveSocket sends over a WebSocket what would be the body of an answer, first
// of all an empty message. Browsers cannot follow a log otherwise.
//
// Upstream: k8s.io/streaming/pkg/httpstream/wsstream (Reader), which never lets go of a request whose handshake fails.
func serveSocket(w http.ResponseWriter, r *http.Request, send sender) {
	serve := func(ws *websocket.Conn) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		go func() {
			defer cancel() // all that a client can say is that it goes
			wsstream.IgnoreReceives(ws, 0)
		}()
		to := socketWriter{ws: ws, text: !wsstream.NewDefaultReaderProtocols()[ws.Config().Protocol[0]].Binary}
		if to.message(nil) == nil {
			send(ctx, to, func() error { return nil })
		}
	}
	websocket.Server{Handshake: chooseReaderProtocol, Handler: serve}.ServeHTTP(w, r)
}

// chooseReaderProtocol takes the first of the client's protocols that there is.
func chooseReaderProtocol(config *websocket.Config, _ *http.Request) error {
	asked := config.Protocol
	if len(asked) == 0 {
		asked = []string{""}
	}
	served := wsstream.NewDefaultReaderProtocols()
	for _, protocol := range asked {
		if _, ok := served[protocol]; ok {
			config.Protocol = []string{protocol}
			return nil
		}
	}
	return fmt.Errorf("requested protocol(s) are not supported: %v", asked)
}

// socketWriter makes messages of what is written.
type socketWriter struct {
	ws   *websocket.Conn
	text bool // messages are text in base64
}

// largestMessage is how many bytes a message carries at the most.
const largestMessage = 2048

func (w socketWriter) Write(p []byte) (int, error) {
	for part := range slices.Chunk(p, largestMessage) {
		if err := w.message(part); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

func (w socketWriter) message(p []byte) error {
	if w.text {
		return websocket.Message.Send(w.ws, base64.StdEncoding.EncodeToString(p))
	}
	return websocket.Message.Send(w.ws, p)
}
