package admission

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

const defaultServiceAccountName = "default"

// serviceAccount gives every new pod an identity.
//
// Upstream: plugin/pkg/admission/serviceaccount, without the token volume, mirror pods and mountable secrets.
func serviceAccount() Plugin {
	return Plugin{Name: "ServiceAccount", For: []schema.GroupResource{pods}, Admit: func(a *Attributes) error {
		if !a.isNew() {
			return nil
		}
		pod := a.Object.(*corev1.Pod)
		if pod.Spec.ServiceAccountName == "" {
			pod.Spec.ServiceAccountName = defaultServiceAccountName
			pod.Spec.DeprecatedServiceAccount = defaultServiceAccountName
		}
		account, err := a.serviceAccountOf(pod)
		if err != nil {
			return err
		}
		if len(pod.Spec.ImagePullSecrets) == 0 {
			pod.Spec.ImagePullSecrets = slices.Clone(account.ImagePullSecrets)
		}
		return nil
	}}
}

func (a *Attributes) serviceAccountOf(pod *corev1.Pod) (*corev1.ServiceAccount, error) {
	name := pod.Spec.ServiceAccountName
	if account, ok := a.Get(serviceAccounts, a.Namespace, name).(*corev1.ServiceAccount); ok {
		return account, nil
	}
	// Upstream waits for the controller that makes this one. Time stands
	// still within a request, so it is taken for granted.
	if name == defaultServiceAccountName {
		return &corev1.ServiceAccount{}, nil
	}
	missing := apierrors.NewNotFound(schema.GroupResource{Resource: "serviceaccount"}, name)
	return nil, a.Forbidden(fmt.Errorf("error looking up service account %s/%s: %w", a.Namespace, name, missing))
}
