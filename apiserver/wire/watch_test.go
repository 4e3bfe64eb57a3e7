package wire_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/minik8s/minik8s/apiserver/wire"
)

// stream reads the events of a watch.
type stream struct {
	t      testing.TB
	lines  *bufio.Reader
	Cancel context.CancelFunc
}

func (w *world) watch(path string, header ...string) *stream {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", "http://minik8s"+path, nil)
	require.NoError(w.t, err)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := wire.NewTransport(w.handler, admin).RoundTrip(r)
	require.NoError(w.t, err)
	require.Equal(w.t, http.StatusOK, res.StatusCode)
	w.t.Cleanup(func() { cancel(); res.Body.Close() })
	return &stream{w.t, bufio.NewReader(res.Body), cancel}
}

// event is one frame of a JSON watch.
type event struct {
	Type   string
	Object anyMap
}

func (s *stream) next() event {
	s.t.Helper()
	line, err := s.lines.ReadBytes('\n')
	require.NoError(s.t, err)
	var e event
	require.NoError(s.t, json.Unmarshal(line, &e))
	return e
}

// brief is the type, name and revision of the next event.
func (s *stream) brief() string {
	s.t.Helper()
	e := s.next()
	m := dig(s.t, e.Object, "metadata").(anyMap)
	return fmt.Sprint(e.Type, " ", m["name"], " ", m["resourceVersion"])
}

func (s *stream) ends() {
	s.t.Helper()
	_, err := s.lines.ReadByte()
	require.Equal(s.t, io.EOF, err)
}

func (w *world) putConfigMap(name, label string) string {
	w.t.Helper()
	body := fmt.Sprintf(`{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":%q,"labels":{"l":%q}}}`, name, label)
	code, answer, _ := w.send("POST", "/api/v1/namespaces/default/configmaps", body)
	if code == http.StatusConflict {
		answer = w.mustSend("PUT", "/api/v1/namespaces/default/configmaps/"+name, body)
	}
	return dig(w.t, parse(w.t, answer), "metadata", "resourceVersion").(string)
}

const configMaps = "/api/v1/namespaces/default/configmaps"

func TestWatchStarts(t *testing.T) {
	w := newWorld(t)
	a := w.putConfigMap("a", "")
	b := w.putConfigMap("b", "")
	for name, query := range map[string]string{"no revision": "", "any revision": "&resourceVersion=0"} {
		t.Run(name, func(t *testing.T) {
			s := w.watch(configMaps + "?watch=1" + query)
			require.Equal(t, "ADDED a "+a, s.brief())
			require.Equal(t, "ADDED b "+b, s.brief())
		})
	}
	t.Run("a revision", func(t *testing.T) {
		s := w.watch(configMaps + "?watch=true&resourceVersion=" + a)
		require.Equal(t, "ADDED b "+b, s.brief())
	})
	t.Run("a stream of the list", func(t *testing.T) {
		s := w.watch(configMaps + "?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan")
		require.Equal(t, "ADDED a "+a, s.brief())
		require.Equal(t, "ADDED b "+b, s.brief())
		mark := s.next()
		require.Equal(t, "BOOKMARK", mark.Type)
		require.Equal(t, anyMap{"resourceVersion": b, "annotations": anyMap{"k8s.io/initial-events-end": "true"}}, mark.Object["metadata"])
	})
	t.Run("a client that has seen more than there is", func(t *testing.T) {
		s := w.watch(configMaps + "?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&resourceVersion=999999")
		e := s.next()
		require.Equal(t, "ERROR", e.Type)
		require.Equal(t, "Timeout", e.Object["reason"])
		require.Contains(t, e.Object["message"], "Timeout: Too large resource version: 999999, current: ")
	})
	t.Run("without what is there", func(t *testing.T) {
		s := w.watch(configMaps + "?watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan")
		c := w.putConfigMap("c", "")
		require.Equal(t, "ADDED c "+c, s.brief())
	})
	t.Run("the path of old", func(t *testing.T) {
		s := w.watch("/api/v1/watch/namespaces/default/configmaps/b")
		require.Equal(t, "ADDED b "+b, s.brief())
	})
}

// A watcher of a selection sees objects come and go by their labels.
func TestWatchSelector(t *testing.T) {
	w := newWorld(t)
	s := w.watch(configMaps + "?watch=1&labelSelector=l%3Din")
	w.putConfigMap("a", "out")
	in := w.putConfigMap("a", "in")
	require.Equal(t, "ADDED a "+in, s.brief())
	out := w.putConfigMap("a", "out")
	gone := s.next()
	require.Equal(t, "DELETED", gone.Type)
	require.Equal(t, out, dig(t, gone.Object, "metadata", "resourceVersion"), "the revision to go on from")
	require.Equal(t, "in", dig(t, gone.Object, "metadata", "labels", "l"), "the last state it was seen in")

	named := w.watch(configMaps + "?watch=1&fieldSelector=metadata.name%3Db")
	b := w.putConfigMap("b", "")
	require.Equal(t, "ADDED b "+b, named.brief())
	w.mustSend("DELETE", configMaps+"/b", "")
	require.Equal(t, "DELETED", named.next().Type)
}

func TestWatchEnds(t *testing.T) {
	w := newWorld(t)
	t.Run("when its time is up", func(t *testing.T) {
		w.watch(configMaps + "?watch=1&timeoutSeconds=1").ends()
	})
	t.Run("when its past is gone", func(t *testing.T) {
		first := w.putConfigMap("a", "1")
		last := w.putConfigMap("a", "2")
		n, err := strconv.ParseInt(last, 10, 64)
		require.NoError(t, err)
		require.NoError(t, w.store.Compact(n))
		require.NotEqual(t, first, last)
		s := w.watch(configMaps + "?watch=1&resourceVersion=1")
		expired := s.next()
		require.Equal(t, "ERROR", expired.Type)
		require.Equal(t, fmt.Sprintf("too old resource version: 1 (%s)", last), expired.Object["message"])
		require.Equal(t, "Expired", expired.Object["reason"])
		require.EqualValues(t, 410, expired.Object["code"])
		s.ends()
	})
}

// An idle watch is told how far it has come, though only other resources
// change, and survives that the log it has no need of is compacted.
func TestWatchBookmarks(t *testing.T) {
	w := newWorld(t, func(c *wire.Config) { c.BookmarkPeriod = 20 * time.Millisecond })
	s := w.watch(configMaps + "?watch=1&allowWatchBookmarks=true")
	quiet := w.watch(configMaps + "?watch=1&allowWatchBookmarks=true")
	w.mustSend("POST", "/api/v1/namespaces", `{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"n"}}`)
	now := w.store.Snapshot().Revision()
	bookmark := fmt.Sprint("BOOKMARK <nil> ", now)
	for _, stream := range []*stream{s, quiet} {
		for stream.brief() != bookmark {
		}
	}
	require.NoError(t, w.store.Compact(now))
	event := "ADDED a " + w.putConfigMap("a", "")
	for got := bookmark; got != event; got = quiet.brief() {
		require.Equal(t, bookmark, got)
	}
}

// Tables are watched by kubectl get --watch. Only the first has columns.
func TestWatchTable(t *testing.T) {
	w := newWorld(t)
	w.putConfigMap("a", "")
	s := w.watch(configMaps+"?watch=1", "Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json")
	first := s.next()
	require.Equal(t, "ADDED", first.Type)
	require.Equal(t, "Table", first.Object["kind"])
	require.Len(t, first.Object["columnDefinitions"], 3)
	require.Equal(t, []any{"a", 0., "0s"}, dig(t, first.Object["rows"].([]any)[0], "cells"))
	w.putConfigMap("b", "")
	second := s.next()
	require.Nil(t, second.Object["columnDefinitions"])
	require.Equal(t, []any{"b", 0., "0s"}, dig(t, second.Object["rows"].([]any)[0], "cells"))
}

// However many watch, at whatever pace, each sees every change once and in
// order; who does not read at all stops nobody.
func TestWatchIsComplete(t *testing.T) {
	const writers, writes, watchers = 4, 50, 8
	w := newWorld(t)
	client := kubernetes.NewForConfigOrDie(w.config())
	w.watch(configMaps + "?watch=1") // is never read
	start := strconv.FormatInt(w.store.Snapshot().Revision(), 10)

	var readers, writing sync.WaitGroup
	seen := make([][]string, watchers)
	for i := range watchers {
		s := w.watch(configMaps + "?watch=1&resourceVersion=" + start)
		readers.Go(func() {
			for len(seen[i]) < writers*(writes+1) {
				seen[i] = append(seen[i], s.brief())
				if i%2 == 1 {
					time.Sleep(time.Millisecond)
				}
			}
		})
	}
	for i := range writers {
		writing.Go(func() {
			maps := client.CoreV1().ConfigMaps("default")
			name := fmt.Sprint("cm-", i)
			_, err := maps.Create(t.Context(), configMap(name), metav1.CreateOptions{})
			for n := 0; err == nil && n < writes; n++ {
				_, err = maps.Update(t.Context(), configMap(name, "n", fmt.Sprint(n)), metav1.UpdateOptions{})
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	writing.Wait()
	readers.Wait()

	var want []string
	from, err := strconv.ParseInt(start, 10, 64)
	require.NoError(t, err)
	changes, err := w.store.Snapshot().Changes(from)
	require.NoError(t, err)
	for c := range changes {
		kind := "MODIFIED"
		if c.Before == nil {
			kind = "ADDED"
		}
		want = append(want, fmt.Sprint(kind, " ", c.After.Name, " ", c.Revision))
	}
	for i := range seen {
		require.Equal(t, want, seen[i])
	}
}

// A client that does not read its watch is cut off, and nobody waits for it.
func TestWatchCutsOff(t *testing.T) {
	w := newWorld(t, func(c *wire.Config) { c.Patience = 100 * time.Millisecond })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go wire.Serve(t.Context(), listener, w.handler, nil)
	conn, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "GET %s?watch=1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret\r\n\r\n", configMaps)
	require.NoError(t, err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)

	const writes = 40
	w.putConfigMap("a", "")
	large := strings.Repeat("x", 500<<10)
	for i := range writes {
		w.mustSend("PUT", configMaps+"/a", fmt.Sprintf(`{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":{"n":"%d","x":%q}}`, i, large))
	}
	time.Sleep(300 * time.Millisecond)
	got, err := io.ReadAll(res.Body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Less(t, bytes.Count(got, []byte("\n")), writes)
}
