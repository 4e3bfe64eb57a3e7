package main

import (
	"context"
	"fmt"
	"io"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// listing reads all ConfigMaps in one answer, as bytes and as objects.
func (l *load) listing(ctx context.Context) error {
	path := "/api/v1/namespaces/" + l.namespace + "/configmaps"
	var size int64
	err := l.median(fmt.Sprintf("LIST of %d ConfigMaps, bytes only", l.objects), "< 50 ms", func() (err error) {
		size, err = l.get(ctx, path, "application/json")
		return err
	})
	if err != nil {
		return fmt.Errorf("listing ConfigMaps: %w", err)
	}
	l.report.add("  its size", "", "%s", megabytes(size))
	return l.median("  decoded by client-go", "< 200 ms", func() error {
		list, err := l.client.CoreV1().ConfigMaps(l.namespace).List(ctx, metav1.ListOptions{})
		if err == nil && len(list.Items) < l.objects {
			err = fmt.Errorf("listing ConfigMaps: got %d of %d", len(list.Items), l.objects)
		}
		return err
	})
}

// get reads an answer without looking at it.
func (l *load) get(ctx context.Context, path, accept string) (size int64, err error) {
	body, err := l.client.CoreV1().RESTClient().Get().RequestURI(path).SetHeader("Accept", accept).Stream(ctx)
	if err != nil {
		return 0, err
	}
	defer body.Close()
	return io.Copy(io.Discard, body)
}

// median does something several times and reports the median of the times.
func (l *load) median(what, aim string, do func() error) error {
	var took []time.Duration
	cpu := l.server.cpu()
	for range l.lists {
		began := time.Now()
		if err := do(); err != nil {
			return err
		}
		took = append(took, time.Since(began))
	}
	l.report.add(what, aim, "%s", milliseconds(percentile(took, 50)))
	if l.server.pid != 0 {
		l.report.add("  server's processor time for one", "", "%s", milliseconds((l.server.cpu()-cpu)/time.Duration(l.lists)))
	}
	return nil
}
