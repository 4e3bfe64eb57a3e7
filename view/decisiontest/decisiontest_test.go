package decisiontest

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/reconcile"
)

func TestDriver(t *testing.T) { Run(t, "testdata", toy()) }

// toy uses every kind of call, so that each has its line in the golden file.
func toy() reconcile.Component {
	return reconcile.Component{
		Name:    "toy",
		Watches: []reconcile.Watch{reconcile.Self(reconcile.Pods.GroupResource)},
		Reconcile: func(v reconcile.View, r reconcile.Request) (reconcile.Plan, error) {
			var p reconcile.Plan
			pod, ok := reconcile.Pods.Get(v, r.Key)
			if !ok {
				return p, nil
			}
			p.Observe("attempt %d, last error %v", r.Attempt, r.LastErr)
			p.Create(&corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name}}, "%s has no Service", pod.Name)
			changed := pod.DeepCopy()
			changed.Status.Phase = corev1.PodRunning
			p.UpdateStatus(changed, "it runs")
			p.Bind(pod, "node-2", "more room there")
			p.Event(pod, corev1.EventTypeNormal, "Toyed", "played with %s", pod.Name)
			p.Delete(pod, "enough")
			p.Heartbeat(time.Minute, "look again")
			return p, r.LastErr
		},
	}
}
