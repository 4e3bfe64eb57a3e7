package apiserver

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	quantity "k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"

	"github.com/minik8s/minik8s/apiserver/auth"
)

// newNodeWorld has a Pod on node-1 that refers to this and that.
func newNodeWorld(t *testing.T) *world {
	w := newGuardedWorld(t)
	w.mustCreate("serviceaccounts", "default", &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "robot"}})
	pod := newPodObject("web")
	pod.Spec.ServiceAccountName = "robot"
	pod.Spec.NodeName = "node-1"
	pod.Spec.Containers[0].EnvFrom = []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "env"}}}}
	pod.Spec.Volumes = []corev1.Volume{
		{Name: "c", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "settings"}}}},
		{Name: "d", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "data"}}},
	}
	w.mustCreate("pods", "default", pod)
	w.mustCreate("persistentvolumes", "", &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: "disk"},
		Spec: corev1.PersistentVolumeSpec{
			Capacity:    corev1.ResourceList{"storage": quantity.MustParse("1Gi")},
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			ClaimRef:    &corev1.ObjectReference{Namespace: "default", Name: "data"},
			PersistentVolumeSource: corev1.PersistentVolumeSource{CSI: &corev1.CSIPersistentVolumeSource{
				Driver: "csi.example.com", VolumeHandle: "1",
				NodePublishSecretRef: &corev1.SecretReference{Namespace: "default", Name: "disk-key"},
			}},
		},
	})
	return w
}

// A kubelet reads what belongs to its Pods, and nothing else.
func TestNodeAuthorizer(t *testing.T) {
	w := newNodeWorld(t)
	const none = "no relationship found between node 'node-2' and this object"
	own := fields.OneTermEqualSelector("spec.nodeName", "node-1").Requirements()
	for _, tt := range []struct {
		verb, resource, subresource, namespace, name string
		fields                                       fields.Requirements
		node1, node2                                 string // "yes", or why not
	}{
		{verb: "get", resource: "pods", namespace: "default", name: "web", node1: "yes", node2: none},
		{verb: "list", resource: "pods", node1: "can only list/watch pods with spec.nodeName field selector", node2: "can only list/watch pods with spec.nodeName field selector"},
		{verb: "watch", resource: "pods", fields: own, node1: "yes", node2: "can only list/watch pods with spec.nodeName field selector"},
		{verb: "patch", resource: "pods", subresource: "status", namespace: "default", name: "web", node1: "yes", node2: "yes"},
		{verb: "update", resource: "pods", namespace: "default", name: "web"},
		{verb: "get", resource: "secrets", namespace: "default", name: "env", node1: "yes", node2: none},
		{verb: "get", resource: "secrets", namespace: "default", name: "disk-key", node1: "yes", node2: none},
		{verb: "get", resource: "secrets", namespace: "kube-system", name: "env", node1: "no relationship found between node 'node-1' and this object", node2: none},
		{verb: "list", resource: "secrets", namespace: "default", node1: "No Object name found", node2: "No Object name found"},
		{verb: "delete", resource: "secrets", namespace: "default", name: "env", node1: "can only read resources of this type", node2: "can only read resources of this type"},
		{verb: "watch", resource: "configmaps", namespace: "default", name: "settings", node1: "yes", node2: none},
		{verb: "get", resource: "persistentvolumeclaims", namespace: "default", name: "data", node1: "yes", node2: none},
		{verb: "get", resource: "persistentvolumes", name: "disk", node1: "yes", node2: none},
		{verb: "create", resource: "serviceaccounts", subresource: "token", namespace: "default", name: "robot", node1: "yes", node2: none},
		{verb: "get", resource: "nodes", name: "node-1", node1: "yes", node2: "node 'node-2' cannot read 'node-1', only its own Node object"},
		{verb: "list", resource: "nodes", node1: "node 'node-1' cannot read all nodes, only its own Node object", node2: "node 'node-2' cannot read all nodes, only its own Node object"},
		{verb: "create", resource: "events", namespace: "default", node1: "yes", node2: "yes"},
		{verb: "create", resource: "services", namespace: "default"},
	} {
		for node, want := range map[string]string{"node-1": tt.node1, "node-2": tt.node2} {
			u := auth.Authenticated(User{Name: "system:node:" + node, Groups: []string{"system:nodes"}})
			d := w.Server.Authorize(&auth.Attributes{
				User: &u, Verb: tt.verb, Resource: tt.resource, Subresource: tt.subresource, Namespace: tt.namespace, Name: tt.name, Fields: tt.fields,
			})
			got := d.Reason
			if d.Allowed {
				got = "yes"
			}
			require.Equal(t, want, got, "%s %s %s %s", node, tt.verb, tt.resource, tt.name)
		}
	}
	certificate := func(verb, subresource string, fields fields.Requirements) auth.Decision {
		u := auth.Authenticated(User{Name: "system:node:node-1", Groups: []string{"system:nodes"}})
		return w.Server.Authorize(&auth.Attributes{
			User: &u, Verb: verb, Group: "certificates.k8s.io", Resource: "podcertificaterequests", Subresource: subresource, Namespace: "default", Name: "r", Fields: fields,
		})
	}
	require.True(t, certificate("create", "", nil).Allowed)
	require.True(t, certificate("watch", "", own).Allowed)
	require.Equal(t, "can only list/watch podcertificaterequests with nodeName field selector", certificate("list", "", nil).Reason)
	require.Equal(t, "no relationship found between node 'node-1' and this object", certificate("get", "", nil).Reason)
	require.Equal(t, "nodes may not delete podcertificaterequests", certificate("delete", "", nil).Reason)
	require.Equal(t, "nodes may not access the status subresource of PodCertificateRequests", certificate("update", "status", nil).Reason)

	lease := func(verb, namespace, name string) bool {
		u := auth.Authenticated(User{Name: "system:node:node-1", Groups: []string{"system:nodes"}})
		return w.Server.Authorize(&auth.Attributes{User: &u, Verb: verb, Group: "coordination.k8s.io", Resource: "leases", Namespace: namespace, Name: name}).Allowed
	}
	require.True(t, lease("update", "kube-node-lease", "node-1"))
	require.False(t, lease("update", "kube-node-lease", "node-2"))
	require.False(t, lease("update", "default", "node-1"))

	// The name alone makes nobody a node.
	u := auth.Authenticated(User{Name: "system:node:node-1"})
	require.False(t, w.Server.Authorize(&auth.Attributes{User: &u, Verb: "get", Resource: "nodes", Name: "node-1"}).Allowed)
}
