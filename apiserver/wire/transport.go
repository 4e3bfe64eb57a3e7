package wire

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/minik8s/minik8s/apiserver"
)

// NewTransport returns a transport that takes a client's requests to a handler
// without any connection, as user. Answers stream: a watch's events can be
// read as they are flushed, and closing the body ends the watch.
func NewTransport(handler http.Handler, user apiserver.User) http.RoundTripper {
	return &transport{handler, user}
}

type transport struct {
	handler http.Handler
	user    apiserver.User
}

// RoundTrip returns when the handler has begun its answer.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(withUser(r.Context(), t.user))
	reader, writer := io.Pipe()
	answer := &answer{body: bufio.NewWriter(writer), header: http.Header{}, begun: make(chan struct{})}
	go func() {
		defer cancel()
		err := t.serve(answer, serverRequest(ctx, r))
		answer.Flush()
		writer.CloseWithError(err)
	}()
	// A client that gives up makes the handler's next write fail.
	unhook := context.AfterFunc(r.Context(), func() { reader.CloseWithError(context.Cause(r.Context())) })
	select {
	case <-answer.begun:
	case <-r.Context().Done():
		cancel()
		return nil, context.Cause(r.Context())
	}
	return &http.Response{
		Status:        fmt.Sprintf("%d %s", answer.code, http.StatusText(answer.code)),
		StatusCode:    answer.code,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        answer.sent,
		Body:          &answerBody{PipeReader: reader, cancel: cancel, unhook: unhook},
		ContentLength: -1,
		Request:       r,
	}, nil
}

// serve calls the handler. Its panics are the client's errors, as they would
// be on a connection.
func (t *transport) serve(w http.ResponseWriter, r *http.Request) (err error) {
	defer r.Body.Close()
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("the handler broke off: %v", reason)
		}
	}()
	t.handler.ServeHTTP(w, r)
	return nil
}

// serverRequest is a client's request as a server sees it.
func serverRequest(ctx context.Context, r *http.Request) *http.Request {
	out := r.Clone(ctx)
	out.RequestURI = r.URL.RequestURI()
	out.RemoteAddr = "127.0.0.1:0"
	if out.Host == "" {
		out.Host = r.URL.Host
	}
	if out.Body == nil {
		out.Body = http.NoBody
	}
	if out.Header == nil {
		out.Header = http.Header{}
	}
	return out
}

// answer is the http.ResponseWriter of the in-process transport.
type answer struct {
	body   *bufio.Writer
	header http.Header

	once  sync.Once
	begun chan struct{} // closed when code and sent are set
	code  int
	sent  http.Header
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(code int) {
	a.once.Do(func() {
		a.code, a.sent = code, a.header.Clone()
		close(a.begun)
	})
}

func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

func (a *answer) Flush() { a.FlushError() }

// FlushError is how http.ResponseController flushes. It fails if the client is
// gone.
func (a *answer) FlushError() error {
	a.WriteHeader(http.StatusOK)
	return a.body.Flush()
}

// answerBody ends the request when it is closed.
type answerBody struct {
	*io.PipeReader
	cancel context.CancelFunc
	unhook func() bool
}

func (b *answerBody) Close() error {
	b.unhook()
	b.cancel()
	return b.PipeReader.Close()
}
