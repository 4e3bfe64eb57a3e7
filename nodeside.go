package minik8s

import (
	"context"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/apiserver/wire"
	"github.com/minik8s/minik8s/kubeletsim"
	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/reconcile/nodelocal"
	"github.com/minik8s/minik8s/store"
	"github.com/minik8s/minik8s/view"
)

// nodeSide is what runs in a world's containers, as far as the API server is
// asked for it.
//
// Upstream: container runtimes, without commands, forwarded ports and HTTP: containers write logs, and nothing more can be had of them yet.
func nodeSide(st *store.Store) wire.Node {
	n := node{st}
	return wire.Node{Log: n.log, Attach: n.attach}
}

// node reads what container runtimes know.
type node struct{ store *store.Store }

// log looks at the Pod as it is now: who follows a log has seen an older one.
func (n node) log(pod *corev1.Pod, container string, previous bool) (kubeletsim.Log, error) {
	v := view.New(n.store.Snapshot(), time.Time{})
	if now, ok := reconcile.Pods.Get(v, reconcile.KeyOf(pod)); ok && now.UID == pod.UID {
		pod = now
	}
	sandbox, ok := reconcile.Sandboxes.Get(v, reconcile.Key{Namespace: pod.Spec.NodeName, Name: string(pod.UID)})
	if !ok {
		return kubeletsim.ReadLog(pod, nil, container, previous)
	}
	return kubeletsim.ReadLog(pod, sandbox, container, previous)
}

// attach shows what the container writes from now on, until it ends.
func (n node) attach(ctx context.Context, pod *corev1.Pod, container string, streams wire.Streams) error {
	log, err := n.log(pod, container, false)
	seen := len(log.Lines)
	for err == nil && log.Open {
		news := n.store.News()
		if log, err = n.log(pod, container, false); err != nil || len(log.Lines) < seen {
			return nil
		}
		if err := show(streams.Out, log.Lines[seen:]); err != nil {
			return err
		}
		seen = len(log.Lines)
		if !log.Open {
			return nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return nil
		}
	}
	return err
}

func show(out io.Writer, lines []nodelocal.LogLine) error {
	for _, line := range lines {
		if out == nil {
			return nil
		}
		if _, err := io.WriteString(out, line.Text+"\n"); err != nil {
			return err
		}
	}
	return nil
}
