package main

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// calm is how long memory is given to come to rest before it is read.
const calm = 3 * time.Second

// idling opens watches that see nothing, and reports what they cost the server.
func (l *load) idling(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	time.Sleep(calm)
	before := l.server.resident()
	began := time.Now()
	for range l.idle {
		w, err := l.client.CoreV1().Secrets(l.namespace).Watch(ctx, metav1.ListOptions{})
		if err != nil {
			return fmt.Errorf("opening idle watches: %w", err)
		}
		defer w.Stop()
	}
	l.report.add(fmt.Sprintf("opening %d watches that see nothing", l.idle), "", "%s", milliseconds(time.Since(began)))
	if l.server.pid != 0 {
		time.Sleep(calm)
		l.report.add("  server's memory for them", "< 50 MB", "%s", megabytes(l.server.resident()-before))
	}
	return nil
}
