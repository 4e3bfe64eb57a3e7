package admission

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

// How containers find the API and prove who they are.
const (
	tokenVolumePrefix = "kube-api-access-"
	tokenMountPath    = "/var/run/secrets/kubernetes.io/serviceaccount"
	// tokenSeconds asks for a token of an hour and seven seconds: upstream
	// warns about, rather than refuses, such tokens when they have expired.
	tokenSeconds = 3607
)

// automounts: the pod's own wish counts before its account's; without either,
// the token is mounted.
func automounts(account *corev1.ServiceAccount, pod *corev1.Pod) bool {
	if wish := pod.Spec.AutomountServiceAccountToken; wish != nil {
		return *wish
	}
	return ptr.Deref(account.AutomountServiceAccountToken, true)
}

// mountToken gives every container that has nothing at tokenMountPath yet a
// mount of the token's volume, and the pod the volume.
func (a *Attributes) mountToken(pod *corev1.Pod, token *corev1.ProjectedVolumeSource) {
	volumes := pod.Spec.Volumes
	i := slices.IndexFunc(volumes, func(v corev1.Volume) bool { return strings.HasPrefix(v.Name, tokenVolumePrefix) })
	var name string
	if i >= 0 {
		name = volumes[i].Name
	} else {
		name = tokenVolumePrefix + a.Suffix()
	}
	mount := corev1.VolumeMount{Name: name, ReadOnly: true, MountPath: tokenMountPath}
	inInit, inMain := mountIn(pod.Spec.InitContainers, mount), mountIn(pod.Spec.Containers, mount)
	if i < 0 && (inInit || inMain) {
		pod.Spec.Volumes = append(slices.Clip(volumes), corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{Projected: token}})
	}
}

// mountIn says whether any container got the mount.
func mountIn(containers []corev1.Container, mount corev1.VolumeMount) bool {
	mounted := false
	for i := range containers {
		c := &containers[i]
		if slices.ContainsFunc(c.VolumeMounts, func(m corev1.VolumeMount) bool { return m.MountPath == mount.MountPath }) {
			continue
		}
		c.VolumeMounts = append(slices.Clip(c.VolumeMounts), mount)
		mounted = true
	}
	return mounted
}

// tokenVolumeSource is the same for all pods, which share it, frozen: thousands
// of pods have this volume.
func tokenVolumeSource() *corev1.ProjectedVolumeSource {
	return &corev1.ProjectedVolumeSource{
		DefaultMode: ptr.To(corev1.ProjectedVolumeSourceDefaultMode),
		Sources: []corev1.VolumeProjection{
			{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{Path: "token", ExpirationSeconds: ptr.To[int64](tokenSeconds)}},
			{ConfigMap: &corev1.ConfigMapProjection{
				LocalObjectReference: corev1.LocalObjectReference{Name: "kube-root-ca.crt"},
				Items:                []corev1.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}},
			}},
			{DownwardAPI: &corev1.DownwardAPIProjection{Items: []corev1.DownwardAPIVolumeFile{{
				Path:     "namespace",
				FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: "metadata.namespace"},
			}}}},
		},
	}
}
