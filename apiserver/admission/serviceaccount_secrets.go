package admission

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	podutil "k8s.io/kubernetes/pkg/api/v1/pod"
)

func referencesSecrets(pod *corev1.Pod) bool {
	found := false
	podutil.VisitPodSecretNames(pod, func(string) bool {
		found = true
		return false
	})
	return found
}

// limitSecrets refuses a pod that uses a secret which its account does not
// list.
func limitSecrets(account *corev1.ServiceAccount, pod *corev1.Pod) error {
	for i := range pod.Spec.Volumes {
		if secret := pod.Spec.Volumes[i].Secret; secret != nil && !lists(account, secret.SecretName) {
			return fmt.Errorf("volume with secret.secretName=%q is not allowed because service account %s does not reference that secret", secret.SecretName, account.Name)
		}
	}
	for i := range pod.Spec.InitContainers {
		c := &pod.Spec.InitContainers[i]
		if err := limitEnv(account, "init container", c.Name, c.Env, c.EnvFrom); err != nil {
			return err
		}
	}
	for i := range pod.Spec.Containers {
		c := &pod.Spec.Containers[i]
		if err := limitEnv(account, "container", c.Name, c.Env, c.EnvFrom); err != nil {
			return err
		}
	}
	for i, ref := range pod.Spec.ImagePullSecrets {
		if !slices.Contains(account.ImagePullSecrets, ref) {
			return fmt.Errorf("imagePullSecrets[%d].name=%q is not allowed because service account %s does not reference that imagePullSecret", i, ref.Name, account.Name)
		}
	}
	return nil
}

// limitEphemeralSecrets is limitSecrets for the containers that a debugger
// adds to a pod.
func limitEphemeralSecrets(account *corev1.ServiceAccount, pod *corev1.Pod) error {
	for i := range pod.Spec.EphemeralContainers {
		c := &pod.Spec.EphemeralContainers[i]
		if err := limitEnv(account, "ephemeral container", c.Name, c.Env, c.EnvFrom); err != nil {
			return err
		}
	}
	return nil
}

func limitEnv(account *corev1.ServiceAccount, what, name string, env []corev1.EnvVar, from []corev1.EnvFromSource) error {
	for i := range env {
		if source := env[i].ValueFrom; source != nil && source.SecretKeyRef != nil && !lists(account, source.SecretKeyRef.Name) {
			return fmt.Errorf("%s %s with envVar %s referencing secret.secretName=%q is not allowed because service account %s does not reference that secret", what, name, env[i].Name, source.SecretKeyRef.Name, account.Name)
		}
	}
	for i := range from {
		if ref := from[i].SecretRef; ref != nil && !lists(account, ref.Name) {
			return fmt.Errorf("%s %s with envFrom referencing secret.secretName=%q is not allowed because service account %s does not reference that secret", what, name, ref.Name, account.Name)
		}
	}
	return nil
}

func lists(account *corev1.ServiceAccount, secret string) bool {
	return slices.ContainsFunc(account.Secrets, func(r corev1.ObjectReference) bool { return r.Name == secret })
}
