package admission

import (
	"errors"
	"fmt"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	ephemeralvolume "k8s.io/component-helpers/storage/ephemeral"
)

// restrictToken lets a kubelet have the tokens of the Pods that are bound to
// it, for the audiences that they mount.
func (a *Attributes) restrictToken(node string) error {
	if a.Operation != Create || a.Subresource != "token" {
		return nil
	}
	asked := a.Object.(*authenticationv1.TokenRequest)
	ref := asked.Spec.BoundObjectRef
	switch {
	case ref == nil || ref.APIVersion != "v1" || ref.Kind != "Pod" || ref.Name == "":
		return a.refuse("node requested token not bound to a pod")
	case ref.UID == "":
		return a.refuse("node requested token with a pod binding without a uid")
	}
	pod, ok := a.Get(pods, a.Namespace, ref.Name).(*corev1.Pod)
	switch {
	case !ok:
		return notFound("pod", ref.Name)
	case ref.UID != pod.UID:
		return a.refuse("the UID in the bound object reference (%s) does not match the UID in record. The object might have been deleted and then recreated", ref.UID)
	case pod.Spec.NodeName != node:
		return a.refuse("node requested token bound to a pod scheduled on a different node")
	}
	if err := a.restrictAudience(asked.Spec.Audiences, pod); err != nil {
		return a.Forbidden(err)
	}
	return nil
}

// notFound names a kind in the singular, as upstream's listers do.
func notFound(singular, name string) error {
	return apierrors.NewNotFound(schema.GroupResource{Resource: singular}, name)
}

func (a *Attributes) restrictAudience(audiences []string, pod *corev1.Pod) error {
	var audience string
	switch len(audiences) {
	case 0:
	case 1:
		audience = audiences[0]
	default:
		return errors.New("node may only request 0 or 1 audiences")
	}
	mounts, err := a.mountsAudience(pod, audience)
	if err != nil {
		return fmt.Errorf("error validating audience %q: %w", audience, err)
	}
	if mounts || a.mayFor("request-serviceaccounts-token-audience", audience, a.Name) {
		return nil
	}
	return fmt.Errorf("%s is not authorized to request tokens for audience %q", a.User.Name, audience)
}

// mayFor asks for a right of kubelets that is not about a resource of the API.
func (a *Attributes) mayFor(verb, resource, name string) bool {
	q := Question{Verb: verb, Resource: a.Resource.GroupVersion().WithResource(resource), Namespace: a.Namespace, Name: name}
	allowed, _ := a.Authorize(q)
	return allowed
}

// mountsAudience says whether the Pod has a volume for which its kubelet needs
// a token for the audience: a projected one, or one of a CSI driver that wants
// such tokens.
func (a *Attributes) mountsAudience(pod *corev1.Pod, audience string) (bool, error) {
	var errs []error
	for i := range pod.Spec.Volumes {
		v := &pod.Spec.Volumes[i]
		if projectsAudience(v.Projected, audience) {
			return true, nil
		}
		wants, err := a.driverWantsAudience(pod, v, audience)
		if wants {
			return true, nil
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	return false, utilerrors.NewAggregate(errs)
}

func projectsAudience(p *corev1.ProjectedVolumeSource, audience string) bool {
	if p == nil {
		return false
	}
	for _, source := range p.Sources {
		if source.ServiceAccountToken != nil && source.ServiceAccountToken.Audience == audience {
			return true
		}
	}
	return false
}

func (a *Attributes) driverWantsAudience(pod *corev1.Pod, v *corev1.Volume, audience string) (bool, error) {
	var name string
	var err error
	switch {
	case v.Ephemeral != nil && v.Ephemeral.VolumeClaimTemplate != nil:
		name, err = a.driverOfClaim(pod.Namespace, ephemeralvolume.VolumeClaimName(pod, v))
	case v.PersistentVolumeClaim != nil:
		name, err = a.driverOfClaim(pod.Namespace, v.PersistentVolumeClaim.ClaimName)
	case v.CSI != nil:
		name = v.CSI.Driver
	}
	if name == "" || err != nil {
		return false, err
	}
	driver, ok := a.Get(csiDrivers, "", name).(*storagev1.CSIDriver)
	if !ok {
		return false, apierrors.NewNotFound(schema.GroupResource{Group: storagev1.GroupName, Resource: "csidriver"}, name)
	}
	for _, request := range driver.Spec.TokenRequests {
		if request.Audience == audience {
			return true, nil
		}
	}
	return false, nil
}

// driverOfClaim is the CSI driver behind a claim, empty if it has none.
func (a *Attributes) driverOfClaim(namespace, name string) (string, error) {
	claim, ok := a.Get(persistentVolumeClaims, namespace, name).(*corev1.PersistentVolumeClaim)
	if !ok {
		return "", notFound("persistentvolumeclaim", name)
	}
	volume, ok := a.Get(persistentVolumes, "", claim.Spec.VolumeName).(*corev1.PersistentVolume)
	if !ok {
		return "", notFound("persistentvolume", claim.Spec.VolumeName)
	}
	if volume.Spec.CSI == nil {
		return "", nil
	}
	return volume.Spec.CSI.Driver, nil
}
