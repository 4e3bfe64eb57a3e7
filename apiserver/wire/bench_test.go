package wire_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/minik8s/minik8s/apiserver/wire"
)

// remote is a client over TLS on loopback.
func remote(b *testing.B) *kubernetes.Clientset {
	_, config := server(b)
	config.QPS = -1
	client, err := kubernetes.NewForConfig(config)
	require.NoError(b, err)
	return client
}

func BenchmarkCreateOverTLS(b *testing.B) {
	maps := remote(b).CoreV1().ConfigMaps("default")
	var n atomic.Int64
	b.SetParallelism(8) // 16 workers on two cores
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_, err := maps.Create(b.Context(), configMap(fmt.Sprint("cm-", n.Add(1)), "k", "v"), metav1.CreateOptions{})
			if err != nil {
				b.Error(err)
			}
		}
	})
}

func (w *world) fill(count int) {
	maps := kubernetes.NewForConfigOrDie(w.config()).CoreV1().ConfigMaps("default")
	for i := range count {
		_, err := maps.Create(w.t.Context(), configMap(fmt.Sprintf("cm-%05d", i), "k", "v"), metav1.CreateOptions{})
		require.NoError(w.t, err)
	}
}

func BenchmarkList10000(b *testing.B) {
	w := newWorld(b)
	w.fill(10_000)
	for name, accept := range map[string]string{
		"json":     "application/json",
		"protobuf": "application/vnd.kubernetes.protobuf",
		"table":    "application/json;as=Table;g=meta.k8s.io;v=v1",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				w.mustSend("GET", configMaps, "", "Accept: "+accept)
			}
		})
	}
}

// BenchmarkWatchFanOut updates one object before 100 watchers. It reports how
// long the last of them takes to have an update.
func BenchmarkWatchFanOut(b *testing.B) {
	const watchers = 100
	w := newWorld(b)
	maps := kubernetes.NewForConfigOrDie(w.config()).CoreV1().ConfigMaps("default")
	_, err := maps.Create(b.Context(), configMap("a"), metav1.CreateOptions{})
	require.NoError(b, err)
	var have sync.WaitGroup
	start := strconv.FormatInt(w.store.Snapshot().Revision(), 10)
	for range watchers {
		s := w.watch(configMaps + "?watch=1&resourceVersion=" + start)
		go func() {
			for {
				if _, err := s.lines.ReadBytes('\n'); err != nil {
					return
				}
				have.Done()
			}
		}()
	}
	b.ResetTimer()
	for i := range b.N {
		have.Add(watchers)
		_, err := maps.Update(b.Context(), configMap("a", "n", fmt.Sprint(i)), metav1.UpdateOptions{})
		require.NoError(b, err)
		have.Wait()
	}
}

// BenchmarkIdleWatches reports what a watch costs that sees nothing, while
// other objects are written.
func BenchmarkIdleWatches(b *testing.B) {
	const watchers = 1000
	w := newWorld(b)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range watchers {
		r, err := http.NewRequestWithContext(b.Context(), "GET", "http://minik8s/api/v1/secrets?watch=1", nil)
		require.NoError(b, err)
		res, err := wire.NewTransport(w.handler, admin).RoundTrip(r)
		require.NoError(b, err)
		go io.Copy(io.Discard, res.Body)
	}
	time.Sleep(100 * time.Millisecond)
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ResetTimer()
	for i := range b.N {
		w.putConfigMap(fmt.Sprint("cm-", i), "")
	}
	b.ReportMetric(float64(after.HeapAlloc+after.StackInuse-before.HeapAlloc-before.StackInuse)/watchers, "B/watch")
}
