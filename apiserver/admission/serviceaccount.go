package admission

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

const (
	defaultServiceAccountName = "default"

	// enforceMountableSecrets is the annotation by which a service account
	// limits its pods to the secrets that it lists.
	enforceMountableSecrets = "kubernetes.io/enforce-mountable-secrets"
)

// serviceAccount gives every new pod an identity, and a token to prove it.
//
// Upstream: plugin/pkg/admission/serviceaccount, where a missing account "default" is waited for; here it is taken for granted, because time stands still within a request.
func serviceAccount() Plugin {
	token := tokenVolumeSource()
	return Plugin{
		Name: "ServiceAccount",
		For:  []schema.GroupResource{pods},
		Admit: func(a *Attributes) error {
			if !a.isNew() {
				return nil
			}
			pod := a.Object.(*corev1.Pod)
			if isMirror(pod) {
				return a.checkMirrorPod(pod)
			}
			return a.giveServiceAccount(pod, token)
		},
		Validate: func(a *Attributes) error {
			pod, ok := a.Object.(*corev1.Pod)
			switch {
			case ok && a.Operation == Update && a.Subresource == "ephemeralcontainers":
				return a.checkServiceAccount(pod, limitEphemeralSecrets)
			case !ok || !a.isNew():
				return nil
			case isMirror(pod):
				return a.checkMirrorPod(pod)
			}
			return a.checkServiceAccount(pod, limitSecrets)
		},
	}
}

func (a *Attributes) giveServiceAccount(pod *corev1.Pod, token *corev1.ProjectedVolumeSource) error {
	if pod.Spec.ServiceAccountName == "" {
		pod.Spec.ServiceAccountName = defaultServiceAccountName
		pod.Spec.DeprecatedServiceAccount = defaultServiceAccountName
	}
	account, err := a.serviceAccountOf(pod)
	if err != nil {
		return err
	}
	if automounts(account, pod) {
		a.mountToken(pod, token)
	}
	if len(pod.Spec.ImagePullSecrets) == 0 {
		pod.Spec.ImagePullSecrets = slices.Clone(account.ImagePullSecrets)
	}
	return nil
}

func (a *Attributes) serviceAccountOf(pod *corev1.Pod) (*corev1.ServiceAccount, error) {
	name := pod.Spec.ServiceAccountName
	if account, ok := a.Get(serviceAccounts, a.Namespace, name).(*corev1.ServiceAccount); ok {
		return account, nil
	}
	if name == defaultServiceAccountName {
		return &corev1.ServiceAccount{}, nil
	}
	missing := apierrors.NewNotFound(schema.GroupResource{Resource: "serviceaccount"}, name)
	return nil, a.Forbidden(fmt.Errorf("error looking up service account %s/%s: %w", a.Namespace, name, missing))
}

// checkServiceAccount asks limit whether a pod keeps to the secrets of its
// account, if the account cares.
func (a *Attributes) checkServiceAccount(pod *corev1.Pod, limit func(*corev1.ServiceAccount, *corev1.Pod) error) error {
	if pod.Spec.ServiceAccountName == "" {
		return a.Forbidden(fmt.Errorf("no service account specified for pod %s/%s", a.Namespace, pod.Name))
	}
	account, err := a.serviceAccountOf(pod)
	if err != nil {
		return err
	}
	if enforced, _ := strconv.ParseBool(account.Annotations[enforceMountableSecrets]); !enforced {
		return nil
	}
	if err := limit(account, pod); err != nil {
		return a.Forbidden(err)
	}
	return nil
}

// isMirror: the pod stands for one that a kubelet runs from a file.
func isMirror(pod *corev1.Pod) bool {
	_, mirror := pod.Annotations[corev1.MirrorPodAnnotationKey]
	return mirror
}

// checkMirrorPod refuses what a kubelet could not find in the API when it
// starts the pod from a file.
func (a *Attributes) checkMirrorPod(pod *corev1.Pod) error {
	if pod.Spec.ServiceAccountName != "" {
		return a.Forbidden(errors.New("a mirror pod may not reference service accounts"))
	}
	if referencesSecrets(pod) {
		return a.Forbidden(errors.New("a mirror pod may not reference secrets"))
	}
	for i := range pod.Spec.Volumes {
		projected := pod.Spec.Volumes[i].Projected
		if projected != nil && slices.ContainsFunc(projected.Sources, func(s corev1.VolumeProjection) bool { return s.ServiceAccountToken != nil }) {
			return a.Forbidden(errors.New("a mirror pod may not use ServiceAccountToken volume projections"))
		}
	}
	return nil
}
