package wire

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/streaming/pkg/httpstream/wsstream"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/kubeletsim"
	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// log writes what a container has written, and stays for more if the client
// wants to follow. A Pod without a node has no log at all.
func (x *exchange) log(to *apiserver.Connection, options *corev1.PodLogOptions) error {
	if to.Container == "" {
		x.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	read := func() (kubeletsim.Log, error) { return x.readLog(to, options.Previous) }
	log, err := read()
	if err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	send := func(ctx context.Context, to io.Writer, flush func() error) {
		w := &logWriter{to: to, flush: flush, options: options}
		lines := w.wanted(log.Lines, x.Now())
		if options.Follow {
			x.follow(ctx, w, lines, len(log.Lines), read)
		} else {
			w.write(lines)
		}
	}
	if wsstream.IsWebSocketRequest(x.r) {
		serveSocket(x.w, x.r, send)
		return nil
	}
	x.w.Header().Set("Content-Type", "text/plain")
	send(x.r.Context(), x.w, http.NewResponseController(x.w).Flush)
	return nil
}

func (x *exchange) readLog(to *apiserver.Connection, previous bool) (kubeletsim.Log, error) {
	if x.Node.Log == nil {
		return kubeletsim.Log{}, nil
	}
	return x.Node.Log(to.Pod, to.Container, previous)
}

// follow writes lines as they come, until the container has ended or the
// client is gone. have is how many of them there were at first.
func (x *exchange) follow(ctx context.Context, w *logWriter, lines []nodelocal.LogLine, have int, read func() (kubeletsim.Log, error)) {
	for {
		news := x.Store.News()
		more := w.write(lines)
		if w.flush() != nil || !more {
			return
		}
		log, err := read()
		switch {
		case err != nil || len(log.Lines) < have:
			return // another instance has taken its place
		case len(log.Lines) > have:
			lines, have = log.Lines[have:], len(log.Lines)
			continue
		case !log.Open:
			return
		}
		lines = nil
		select {
		case <-news:
		case <-ctx.Done():
			return
		}
	}
}

// logWriter writes the lines that a client wants, as it wants them.
type logWriter struct {
	to      io.Writer
	flush   func() error
	options *corev1.PodLogOptions
	written int64
}

// wanted are the lines of the time and number that were asked for.
func (w *logWriter) wanted(lines []nodelocal.LogLine, now time.Time) []nodelocal.LogLine {
	var since time.Time
	switch {
	case w.options.SinceSeconds != nil:
		since = now.Add(-time.Duration(*w.options.SinceSeconds) * time.Second)
	case w.options.SinceTime != nil:
		since = w.options.SinceTime.Time
	}
	if tail := w.options.TailLines; tail != nil && int64(len(lines)) > *tail {
		lines = lines[int64(len(lines))-*tail:]
	}
	for len(lines) > 0 && lines[0].Time.Time.Before(since) {
		lines = lines[1:]
	}
	return lines
}

// write says whether the client wants more. What would go past its limit of
// bytes is cut.
func (w *logWriter) write(lines []nodelocal.LogLine) bool {
	var text bytes.Buffer
	for _, line := range lines {
		if w.options.Timestamps {
			text.WriteString(line.Time.UTC().Format(time.RFC3339Nano))
			text.WriteByte(' ')
		}
		text.WriteString(line.Text)
		text.WriteByte('\n')
	}
	body, more := text.Bytes(), true
	if limit := w.options.LimitBytes; limit != nil && w.written+int64(len(body)) >= *limit {
		body, more = body[:*limit-w.written], false
	}
	n, err := w.to.Write(body)
	w.written += int64(n)
	return more && err == nil
}
