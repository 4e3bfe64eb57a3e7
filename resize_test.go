package minik8s_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/component-base/featuregate"
	"k8s.io/component-helpers/nodedeclaredfeatures"
	features "k8s.io/component-helpers/nodedeclaredfeatures/types"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/reconcile"
)

// defaultGates are upstream's feature gates as they are without flags.
type defaultGates struct{}

func (defaultGates) Enabled(name string) bool {
	return utilfeature.DefaultFeatureGate.Enabled(featuregate.Feature(name))
}

// TestDeclaredFeatures holds what kubelets declare against what a kubelet of
// the same version finds out about itself.
func TestDeclaredFeatures(t *testing.T) {
	node, _ := reconcile.Nodes.Get(viewOf(settled(t, minik8s.Options{})), reconcile.Key{Name: "node-1"})
	want := nodedeclaredfeatures.DefaultFramework.DiscoverNodeFeatures(&features.NodeConfiguration{FeatureGates: defaultGates{}})
	require.NotEmpty(t, want)
	require.Equal(t, want, node.Status.DeclaredFeatures)
}

const wholePod = `
apiVersion: v1
kind: Pod
metadata: {name: whole, namespace: default}
spec:
  resources: {requests: {cpu: 200m}, limits: {cpu: 400m}}
  initContainers: [{name: setup, image: "busybox:1.36", command: [sleep, "3600"], resources: {requests: {cpu: 100m}}}]
  containers: [{name: main, image: "nginx:1.22"}]
`

// TestResizeOfAWholePod changes what only kubelets can whose Node says so: the
// resources of a whole Pod, and of an init container.
func TestResizeOfAWholePod(t *testing.T) {
	c := settled(t, minik8s.Options{})
	apply(t, c, wholePod)
	advance(t, c, 10*time.Second) // the init container runs
	resizePod(t, c, `{"spec": {"resources": {"requests": {"cpu": "300m"}}, "initContainers": [{"name": "setup", "resources": {"requests": {"cpu": "250m"}}}]}}`)
	advance(t, c, time.Second)

	pod, _ := reconcile.Pods.Get(viewOf(c), reconcile.Key{Namespace: "default", Name: "whole"})
	require.Equal(t, "300m", pod.Status.AllocatedResources.Cpu().String())
	require.Equal(t, "300m", pod.Status.Resources.Requests.Cpu().String())
	require.Equal(t, "250m", pod.Status.InitContainerStatuses[0].Resources.Requests.Cpu().String())
	require.Equal(t, pod.Generation, pod.Status.ObservedGeneration)
	var told []string
	for _, e := range reconcile.Events.List(viewOf(c), reconcile.InNamespace("default")) {
		if e.InvolvedObject.UID == pod.UID && e.Type == corev1.EventTypeNormal {
			told = append(told, e.Reason)
		}
	}
	require.Contains(t, told, "ResizeStarted")
	require.Contains(t, told, "ResizeCompleted")
}

func resizePod(t *testing.T, c *minik8s.Cluster, patch string) {
	t.Helper()
	_, err := c.Do(apiserver.Request{
		Verb: apiserver.Patch, Resource: corev1.SchemeGroupVersion.WithResource("pods"), Subresource: "resize",
		Namespace: "default", Name: "whole", Patch: []byte(patch), PatchType: types.StrategicMergePatchType,
		User: apiserver.User{Name: "tester", Groups: []string{"system:masters"}},
	})
	require.NoError(t, err)
}

func advance(t *testing.T, c *minik8s.Cluster, d time.Duration) {
	t.Helper()
	_, err := c.Advance(d)
	require.NoError(t, err)
}
