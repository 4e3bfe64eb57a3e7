package apiserver

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/kinds"
)

const defaultServiceAccountName = "default"

// newPod is the pod that a request would create, if that is what it does.
func newPod(c *call, op operation, obj kinds.Object) (*corev1.Pod, bool) {
	if op != admitCreate || c.GroupResource != pods || c.req.Subresource != "" {
		return nil, false
	}
	return obj.(*corev1.Pod), true
}

// defaultServiceAccount gives every new pod an identity.
//
// Upstream: plugin/pkg/admission/serviceaccount, without the token volume (nothing in a simulated container would read it), mirror pods and mountable secrets.
func defaultServiceAccount(c *call, op operation, obj, _ kinds.Object) error {
	pod, ok := newPod(c, op, obj)
	if !ok {
		return nil
	}
	if pod.Spec.ServiceAccountName == "" {
		pod.Spec.ServiceAccountName = defaultServiceAccountName
		pod.Spec.DeprecatedServiceAccount = defaultServiceAccountName
	}
	name := pod.Spec.ServiceAccountName
	stored := c.tx.Get(serviceAccounts, c.req.Namespace, name)
	if stored == nil {
		// Upstream waits for the controller that makes this one. Time stands
		// still within a request, so it is taken for granted.
		if name == defaultServiceAccountName {
			return nil
		}
		missing := apierrors.NewNotFound(schema.GroupResource{Resource: "serviceaccount"}, name)
		return c.refuse(pod, fmt.Errorf("error looking up service account %s/%s: %w", c.req.Namespace, name, missing))
	}
	if len(pod.Spec.ImagePullSecrets) == 0 {
		pod.Spec.ImagePullSecrets = append([]corev1.LocalObjectReference(nil), stored.Value.(*corev1.ServiceAccount).ImagePullSecrets...)
	}
	return nil
}
