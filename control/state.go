package control

import (
	"net/http"

	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/view"
)

func (s *server) state(*http.Request) (State, error) { return s.now(), nil }

func (s *server) now() State {
	clock := s.live.State()
	state := State{
		Name: s.process.Name, PID: s.process.PID,
		Paused: clock.Paused, Speed: clock.Speed, Now: clock.Now,
		Tick: clock.Tick, Turn: clock.Turn, Revision: clock.Revision,
		Pods: map[string]int{},
	}
	if clock.Failed != nil {
		state.Failed = clock.Failed.Error()
	}
	v := view.New(s.cluster.Store().Snapshot(), clock.Now)
	for _, node := range reconcile.Nodes.List(v) {
		state.Nodes++
		if isReady(node) {
			state.NodesReady++
		}
	}
	for _, pod := range reconcile.Pods.List(v) {
		state.Pods[string(pod.Status.Phase)]++
	}
	return state
}

func isReady(node *corev1.Node) bool {
	for _, c := range node.Status.Conditions {
		if c.Type == corev1.NodeReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

func (s *server) stop(*http.Request) (State, error) {
	if s.process.Stop == nil {
		return State{}, refuse(http.StatusNotImplemented, "this cluster cannot be stopped from outside")
	}
	state := s.now()
	s.process.Stop()
	return state, nil
}
