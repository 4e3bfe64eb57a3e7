package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
)

// arrivals notes when updates were sent, and when the last watcher had them.
type arrivals struct {
	mu       sync.Mutex
	watchers int
	sent     []time.Time
	have     []int // how many watchers
	took     []time.Duration
}

// send numbers an update.
func (a *arrivals) send() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sent, a.have = append(a.sent, time.Now()), append(a.have, 0)
	return len(a.sent) - 1
}

func (a *arrivals) arrived(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.have[n]++; a.have[n] == a.watchers {
		a.took = append(a.took, time.Since(a.sent[n]))
	}
}

func (a *arrivals) complete() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.took) == len(a.sent)
}

// fanningOut updates one object as fast as it goes and has many watch it.
func (l *load) fanningOut(ctx context.Context) error {
	maps := l.client.CoreV1().ConfigMaps(l.namespace)
	object, err := maps.Create(ctx, configMap("watched"), metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("creating the watched ConfigMap: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	all := &arrivals{watchers: l.watchers}
	for range l.watchers {
		w, err := maps.Watch(ctx, metav1.ListOptions{FieldSelector: "metadata.name=watched", ResourceVersion: object.ResourceVersion})
		if err != nil {
			return fmt.Errorf("watching one ConfigMap: %w", err)
		}
		defer w.Stop()
		go all.follow(w)
	}
	cpu := l.server.cpu()
	for began := time.Now(); time.Since(began) < l.fanOut; {
		object.Data["n"] = fmt.Sprint("update ", all.send())
		if object, err = maps.Update(ctx, object, metav1.UpdateOptions{}); err != nil {
			return fmt.Errorf("updating the watched ConfigMap: %w", err)
		}
	}
	for deadline := time.Now().Add(30 * time.Second); !all.complete(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			return errors.New("some watchers have not had all updates after 30 s")
		}
	}
	what := fmt.Sprintf("last of %d watchers has an update, p99", l.watchers)
	l.report.add(what, "< 15 ms", "%s", milliseconds(percentile(all.took, 99)))
	l.report.add("  median", "", "%s", milliseconds(percentile(all.took, 50)))
	l.report.add("  updates", "", "%.0f/s", float64(len(all.took))/l.fanOut.Seconds())
	if l.server.pid != 0 {
		l.report.add("  server's processor time for one", "", "%d µs", (l.server.cpu()-cpu).Microseconds()/int64(len(all.took)))
	}
	return nil
}

func (a *arrivals) follow(w watch.Interface) {
	for event := range w.ResultChan() {
		if object, ok := event.Object.(*corev1.ConfigMap); ok && event.Type == watch.Modified {
			if n, err := strconv.Atoi(strings.TrimPrefix(object.Data["n"], "update ")); err == nil {
				a.arrived(n)
			}
		}
	}
}
