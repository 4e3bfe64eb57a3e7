package apiserver

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

func cpu() time.Duration {
	var r syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func TestZZCPU(t *testing.T) {
	b := &testing.B{}
	w := newWorld(b)
	const n = 5000
	m := func(name string, f func(i int)) {
		s := cpu()
		for i := range n {
			f(i)
		}
		fmt.Println(name, (cpu()-s)/n)
	}
	var made []*corev1.Pod
	m("create", func(int) { made = append(made, w.createPods(1)...) })
	m("bind", func(i int) { w.bind("default/"+made[i].Name, "node-1") })
	for i := range made {
		made[i] = w.get("pods", "default/"+made[i].Name).(*corev1.Pod)
	}
	req := w.request(Update, "pods", "")
	req.Subresource = "status"
	m("status", func(i int) {
		next := *made[i]
		next.Status.Phase = corev1.PodRunning
		req.Namespace, req.Name, req.Object = next.Namespace, next.Name, &next
		res, err := w.Do(req)
		if err != nil {
			panic(err)
		}
		made[i] = res.Object.(*corev1.Pod)
	})
	m("event", func(i int) {
		_, err := w.RecordEvent(EventRecord{
			About: w.ReferenceTo(made[i]), Component: "kubelet", Host: "node-1",
			Type: corev1.EventTypeNormal, Reason: "Started", Message: "Container started",
		})
		if err != nil {
			panic(err)
		}
	})
}
