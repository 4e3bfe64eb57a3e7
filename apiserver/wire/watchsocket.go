package wire

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/net/websocket"
	"k8s.io/streaming/pkg/httpstream/wsstream"

	"github.com/minik8s/minik8s/store"
)

// serveSocket sends the events of a watch over a WebSocket, each in a message.
//
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers (HandleWS), complete.
func (w *watching) serveSocket(start *store.Snapshot) {
	websocket.Handler(func(ws *websocket.Conn) {
		ctx, cancel := context.WithCancel(w.r.Context())
		defer cancel()
		go func() {
			defer cancel() // all that a client can say is that it goes
			wsstream.IgnoreReceives(ws, 0)
		}()
		w.stream.over(socketAnswer{ws, w.stream.rep.stream.EncodesAsText})
		w.serve(ctx, start)
	}).ServeHTTP(w.w, w.r)
}

// over has the stream send frames as messages from now on.
func (s *eventStream) over(answer socketAnswer) {
	s.out, s.controller = answer, http.NewResponseController(answer)
	s.patience.end()
	s.patience = newPatience(s.exchange.Patience, s.controller)
}

// socketAnswer is a WebSocket in the place of an answer that was taken over.
type socketAnswer struct {
	ws   *websocket.Conn
	text bool
}

// Header implements http.ResponseWriter. The handshake has been answered.
func (socketAnswer) Header() http.Header { return http.Header{} }

// WriteHeader implements http.ResponseWriter, and does nothing.
func (socketAnswer) WriteHeader(int) {}

// Write sends one message.
func (a socketAnswer) Write(p []byte) (int, error) {
	var message any = p
	if a.text {
		message = string(p)
	}
	return len(p), websocket.Message.Send(a.ws, message)
}

// FlushError is what http.ResponseController calls: messages are sent at once.
func (socketAnswer) FlushError() error { return nil }

// SetWriteDeadline is what http.ResponseController calls.
func (a socketAnswer) SetWriteDeadline(at time.Time) error { return a.ws.SetWriteDeadline(at) }
