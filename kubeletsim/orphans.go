package kubeletsim

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// removeOrphans stops and removes the machine's sandboxes of a Pod that is
// gone from the API, or was replaced by another of the same name. It says
// whether some are still stopping.
//
// Upstream: pkg/kubelet (HandlePodCleanups), with the shortest grace period for every Pod that was taken away by force, and a Pod of the same name waits for the one before it to be gone.
func (t *turn) removeOrphans() (stopping bool) {
	for _, o := range t.allSandboxes() {
		s := o.(*nodelocal.Sandbox)
		if s.PodNamespace == t.req.Namespace && s.PodName == t.req.Name {
			stopping = t.removeOrphan(s.DeepCopy()) || stopping
		}
	}
	return stopping
}

func (t *turn) removeOrphan(s *nodelocal.Sandbox) (isStopping bool) {
	var stopping time.Time // when the last container will have ended
	for i := range s.Containers {
		c := &s.Containers[i]
		if c.State != nodelocal.ContainerRunning {
			continue
		}
		if s.StoppingSince == nil {
			stopContainer(c, t.now, t.now.Add(graceDuration(0)))
			pod := podOf(s)
			t.told.EventIn(pod, containerPath(pod, c.Name), corev1.EventTypeNormal, "Killing", "Stopping container "+c.Name)
		}
		stopping = latest(stopping, c.Exits.Time)
	}
	switch {
	case !stopping.After(t.now):
		t.plan.Delete(s, "its pod is gone")
		return false
	case s.StoppingSince == nil:
		s.StoppingSince = ptr.To(metav1.NewMicroTime(t.now))
		t.plan.Update(s, "its pod is gone: stop its containers")
		t.plan.Calls = append(t.plan.Calls, t.told.Calls...)
		t.told.Calls = nil
	}
	t.alarm.expect(stopping, "until the containers of a pod that is gone have stopped")
	return true
}

// podOf names the Pod that a sandbox was made for.
func podOf(s *nodelocal.Sandbox) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.PodNamespace, Name: s.PodName, UID: types.UID(s.Name)},
	}
}
