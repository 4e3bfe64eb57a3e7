package minik8s_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/reconcile"
)

// TestStartTime has Pods begin in each tenth of a second: where the first status
// is written in the next one, it still says when the Pod was taken up.
func TestStartTime(t *testing.T) {
	const web = `{apiVersion: v1, kind: Pod, metadata: {name: web-%d, namespace: default}, spec: {containers: [{name: main, image: "nginx:1.22"}]}}`
	c := settled(t, minik8s.Options{})
	for i := range 11 { // the first one pulls the image
		apply(t, c, fmt.Sprintf(web, i))
		settle(t, c)
		pod, _ := reconcile.Pods.Get(viewOf(c), reconcile.Key{Namespace: "default", Name: fmt.Sprintf("web-%d", i)})
		started := pod.Status.ContainerStatuses[0].State.Running.StartedAt
		require.False(t, started.Before(pod.Status.StartTime), "started at %s, before the Pod at %s", started, pod.Status.StartTime)
		advance(t, c, (time.Duration(i+1)*100*time.Millisecond+time.Second-time.Duration(c.Now().Nanosecond()))%time.Second)
	}
}
