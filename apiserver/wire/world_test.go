package wire_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/wire"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

var admin = apiserver.User{Name: "kubernetes-admin", Groups: []string{"kubeadm:cluster-admins"}}

// world is an API server without any controller behind it.
type world struct {
	t       testing.TB
	store   *store.Store
	handler http.Handler

	mu       sync.Mutex
	now      time.Time
	requests []apiserver.Request // that were done, oldest first
}

func newWorld(t testing.TB, change ...func(*wire.Config)) *world {
	t.Helper()
	w := &world{t: t, store: store.New(), now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	registry := kinds.NewRegistry(kinds.All())
	server := apiserver.New(apiserver.Config{Store: w.store, Kinds: registry, Now: w.clock, Tokens: map[string]apiserver.User{"secret": admin}})
	require.NoError(t, server.Bootstrap())
	if _, ok := t.(*testing.T); ok {
		w.store.CheckImmutable()
		t.Cleanup(func() { require.NoError(t, w.store.VerifyImmutable()) })
	}
	var turn sync.Mutex
	config := wire.Config{
		FreshnessTimeout: time.Millisecond,

		Store: w.store, Kinds: registry, Now: w.clock, Server: server,
		Do: func(r apiserver.Request) (apiserver.Response, error) {
			turn.Lock()
			defer turn.Unlock()
			w.mu.Lock()
			w.requests = append(w.requests, r)
			w.mu.Unlock()
			return server.Do(r)
		},
	}
	for _, f := range change {
		f(&config)
	}
	w.handler = wire.NewHandler(config)
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) lastRequest() apiserver.Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.requests[len(w.requests)-1]
}

// config is for client-go.
func (w *world) config() *rest.Config {
	return &rest.Config{Host: "http://minik8s", Transport: wire.NewTransport(w.handler, admin), QPS: -1}
}

// send makes one request as the administrator. header is "Name: value" lines.
func (w *world) send(method, path, body string, header ...string) (code int, answer string, h http.Header) {
	w.t.Helper()
	r, err := http.NewRequest(method, "http://minik8s"+path, strings.NewReader(body))
	require.NoError(w.t, err)
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	res, err := wire.NewTransport(w.handler, admin).RoundTrip(r)
	require.NoError(w.t, err)
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	require.NoError(w.t, err)
	return res.StatusCode, string(data), res.Header
}

func (w *world) mustSend(method, path, body string, header ...string) string {
	w.t.Helper()
	code, answer, _ := w.send(method, path, body, header...)
	require.Less(w.t, code, 400, answer)
	return answer
}
