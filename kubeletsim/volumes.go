package kubeletsim

import (
	"errors"
	"fmt"
	"slices"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// volumesReady says whether all that the Pod's containers are to mount is there.
// What is not is told in an event, and looked for again.
//
// Upstream: pkg/kubelet/volumemanager (WaitForAttachAndMount), without content, claims, and the event that sums up what could not be mounted for two minutes.
func (t *turn) volumesReady() bool {
	ready := true
	for i := range t.pod.Spec.Volumes {
		volume := &t.pod.Spec.Volumes[i]
		if !mounted(&t.pod.Spec, volume.Name) {
			continue
		}
		if err := t.setUpVolume(&volume.VolumeSource); err != nil {
			ready = false
			t.tell(corev1.EventTypeWarning, "FailedMount", fmt.Sprintf("MountVolume.SetUp failed for volume %q : %v", volume.Name, err))
		}
	}
	return ready
}

// waitForVolumes reports a Pod that has no sandbox yet, because its volumes are
// not ready.
func (t *turn) waitForVolumes() {
	t.sandbox = &nodelocal.Sandbox{HostNetwork: t.pod.Spec.HostNetwork}
	t.noSandbox = true
	t.enforceDeadline()
	t.plan.Calls = append(t.plan.Calls, t.told.Calls...)
	t.report()
	if t.sandbox.StoppingSince == nil {
		t.alarm.routine(t.nextMount(), "to try to mount its volumes again")
	}
}

// nextMount is when volumes are tried again: after half a second, and then after
// twice as long each time.
//
// Upstream: pkg/util/goroutinemap/exponentialbackoff.
func (t *turn) nextMount() time.Time {
	const longest = 2*time.Minute + 2*time.Second
	wait := 500 * time.Millisecond
	if t.pod.Status.StartTime == nil {
		return t.now.Add(wait)
	}
	next := t.pod.Status.StartTime.Add(wait)
	for !next.After(t.now) {
		wait = min(2*wait, longest)
		next = next.Add(wait)
	}
	return next
}

func mounted(spec *corev1.PodSpec, volume string) bool {
	for _, containers := range [][]corev1.Container{spec.InitContainers, spec.Containers} {
		for i := range containers {
			if slices.ContainsFunc(containers[i].VolumeMounts, func(m corev1.VolumeMount) bool { return m.Name == volume }) {
				return true
			}
		}
	}
	return false
}

// setUpVolume looks for what a volume is made of.
//
// Upstream: pkg/volume/configmap, secret and projected (MakePayload, collectData), without tokens and certificates of Pods, which are taken to be had.
func (t *turn) setUpVolume(source *corev1.VolumeSource) error {
	switch {
	case source.ConfigMap != nil:
		return t.configMapVolume(source.ConfigMap.Name, source.ConfigMap.Items, source.ConfigMap.Optional)
	case source.Secret != nil:
		return t.secretVolume(source.Secret.SecretName, source.Secret.Items, source.Secret.Optional)
	case source.Projected != nil:
		var errs []error
		for i := range source.Projected.Sources {
			if err := t.project(&source.Projected.Sources[i]); err != nil {
				errs = append(errs, err)
			}
		}
		if err := utilerrors.NewAggregate(errs); err != nil {
			return err
		}
	}
	return nil
}

func (t *turn) project(source *corev1.VolumeProjection) error {
	switch {
	case source.ConfigMap != nil:
		return t.configMapVolume(source.ConfigMap.Name, source.ConfigMap.Items, source.ConfigMap.Optional)
	case source.Secret != nil:
		return t.secretVolume(source.Secret.Name, source.Secret.Items, source.Secret.Optional)
	case source.ClusterTrustBundle != nil:
		return t.trustBundle(source.ClusterTrustBundle)
	}
	return nil
}

func (t *turn) configMapVolume(name string, items []corev1.KeyToPath, optional *bool) error {
	if ptr.Deref(optional, false) {
		return nil
	}
	cm, ok := reconcile.ConfigMaps.Get(t.view, reconcile.Key{Namespace: t.pod.Namespace, Name: name})
	if !ok {
		return missing("configmap", name, false)
	}
	for _, item := range items {
		_, text := cm.Data[item.Key]
		if _, binary := cm.BinaryData[item.Key]; !text && !binary {
			return fmt.Errorf("configmap references non-existent config key: %s", item.Key)
		}
	}
	return nil
}

func (t *turn) secretVolume(name string, items []corev1.KeyToPath, optional *bool) error {
	if ptr.Deref(optional, false) {
		return nil
	}
	secret, ok := reconcile.Secrets.Get(t.view, reconcile.Key{Namespace: t.pod.Namespace, Name: name})
	if !ok {
		return missing("secret", name, false)
	}
	for _, item := range items {
		if _, ok := secret.Data[item.Key]; !ok {
			return fmt.Errorf("references non-existent secret key: %s", item.Key)
		}
	}
	return nil
}

// trustBundle looks for one bundle by its name, or for all of a signer that are
// labelled as asked for.
//
// Upstream: pkg/kubelet/clustertrustbundle (GetTrustAnchorsByName, GetTrustAnchorsBySigner).
func (t *turn) trustBundle(source *corev1.ClusterTrustBundleProjection) error {
	if ptr.Deref(source.Optional, false) {
		return nil
	}
	if source.Name != nil {
		if _, ok := reconcile.ClusterTrustBundles.Get(t.view, reconcile.Key{Name: *source.Name}); !ok {
			return fmt.Errorf("while getting ClusterTrustBundle: clustertrustbundle.certificates.k8s.io %q not found", *source.Name)
		}
		return nil
	}
	selector, err := metav1.LabelSelectorAsSelector(source.LabelSelector)
	if err != nil {
		return fmt.Errorf("while parsing label selector: %w", err)
	}
	bundles := reconcile.ClusterTrustBundles.List(t.view, reconcile.Matching(selector))
	if !slices.ContainsFunc(bundles, func(b *certificatesv1.ClusterTrustBundle) bool {
		return b.Spec.SignerName == ptr.Deref(source.SignerName, "")
	}) {
		return errors.New("combination of signerName and labelSelector matched zero ClusterTrustBundles")
	}
	return nil
}
