package wire_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/minik8s/minik8s/apiserver/wire"
)

// A read of a revision that is yet to come waits for it, but not for ever.
func TestReadsAwaitARevision(t *testing.T) {
	const streaming = "?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=60"
	for name, path := range map[string]string{
		"get":            configMaps + "/a?",
		"list":           configMaps + "?",
		"exact":          configMaps + "?resourceVersionMatch=Exact",
		"single":         configMaps + "?fieldSelector=metadata.name%3Da",
		"streaming list": configMaps + streaming,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, func(c *wire.Config) { c.FreshnessTimeout = 0 })
				begin := time.Now()
				next := fmt.Sprint(path, "&resourceVersion=", w.store.Revision()+1)
				time.AfterFunc(time.Second, func() { w.putConfigMap("a", "") })
				if name == "streaming list" {
					require.Equal(t, fmt.Sprint("ADDED a ", w.store.Revision()+1), w.watch(next).brief())
				} else {
					require.Contains(t, w.mustSend("GET", next, ""), `"name":"a"`)
				}
				require.Equal(t, time.Second, time.Since(begin))

				begin = time.Now()
				later := fmt.Sprint(path, "&resourceVersion=", w.store.Revision()+1)
				_, answer, _ := w.send("GET", later, "")
				require.Contains(t, answer, "Too large resource version")
				require.Equal(t, 3*time.Second, time.Since(begin))
			})
		})
	}
}

// Upstream has its cache wait, and not etcd.
func TestReadFromEtcdDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(c *wire.Config) { c.FreshnessTimeout = 0 })
		begin := time.Now()
		code, answer, _ := w.send("GET", configMaps+"?fieldSelector=metadata.name%3Da&limit=1&resourceVersion=9999", "")
		require.Equal(t, 504, code)
		require.False(t, strings.Contains(answer, "retryAfterSeconds"))
		require.Equal(t, time.Duration(0), time.Since(begin))
	})
}
