package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// writes creates all ConfigMaps, then updates each of them once.
func (l *load) writes(ctx context.Context) error {
	maps := l.client.CoreV1().ConfigMaps(l.namespace)
	made := make([]*corev1.ConfigMap, l.objects)
	err := l.timed(ctx, "creates", func(ctx context.Context, n int) (err error) {
		made[n], err = maps.Create(ctx, configMap(fmt.Sprintf("cm-%05d", n)), metav1.CreateOptions{})
		return err
	})
	if err != nil {
		return fmt.Errorf("creating ConfigMaps: %w", err)
	}
	if l.server.pid != 0 {
		l.report.add(fmt.Sprintf("server's memory with %d ConfigMaps", l.objects), "< 150 MB", "%s", megabytes(l.server.resident()))
	}
	err = l.timed(ctx, "updates", func(ctx context.Context, n int) error {
		made[n].Data["n"] = strconv.Itoa(n + 1)
		_, err := maps.Update(ctx, made[n], metav1.UpdateOptions{})
		return err
	})
	if err != nil {
		return fmt.Errorf("updating ConfigMaps: %w", err)
	}
	return nil
}

// configMap is one of a usual size.
func configMap(name string) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"app": "wireload"}},
		Data:       map[string]string{"n": "0", "key": "a value that says a little more than nothing"},
	}
}

// timed has the workers do all objects, and reports how many a second.
func (l *load) timed(ctx context.Context, what string, do func(ctx context.Context, n int) error) error {
	began, cpu, own := time.Now(), l.server.cpu(), process{os.Getpid()}.cpu()
	var next atomic.Int64
	workers, ctx := errgroup.WithContext(ctx)
	for range l.workers {
		workers.Go(func() error {
			for n := int(next.Add(1)) - 1; n < l.objects; n = int(next.Add(1)) - 1 {
				if err := do(ctx, n); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := workers.Wait(); err != nil {
		return err
	}
	took := time.Since(began)
	l.report.add(fmt.Sprintf("%s with %d workers", what, l.workers), ">= 4000/s", "%.0f/s", float64(l.objects)/took.Seconds())
	l.report.add("  client's processor time for one", "", "%d µs", (process{os.Getpid()}.cpu()-own).Microseconds()/int64(l.objects))
	if l.server.pid != 0 {
		l.report.add("  server's processor time for one", "", "%d µs", (l.server.cpu()-cpu).Microseconds()/int64(l.objects))
	}
	return nil
}
