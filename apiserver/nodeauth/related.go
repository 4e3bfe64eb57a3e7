package nodeauth

import (
	"iter"

	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	resourcev1 "k8s.io/api/resource/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/component-helpers/storage/ephemeral"
	volumes "k8s.io/kubernetes/pkg/api/v1/persistentvolume"
	podrefs "k8s.io/kubernetes/pkg/api/v1/pod"

	"github.com/minik8s/minik8s/store"
)

// relation says whether the object of a request has to do with the node that
// asks.
//
// Upstream: plugin/pkg/auth/authorizer/node (Graph), which is kept up to date for all nodes; here the way from the node to the object is looked for.
type relation func(request) bool

var (
	pods                   = schema.GroupResource{Resource: "pods"}
	persistentVolumes      = schema.GroupResource{Resource: "persistentvolumes"}
	volumeAttachments      = schema.GroupResource{Group: "storage.k8s.io", Resource: "volumeattachments"}
	podCertificateRequests = schema.GroupResource{Group: "certificates.k8s.io", Resource: "podcertificaterequests"}
	resourceSlices         = schema.GroupResource{Group: "resource.k8s.io", Resource: "resourceslices"}
)

// podsOf ranges over the Pods that are bound to a node.
func podsOf(in *store.Snapshot, node string) iter.Seq[*corev1.Pod] {
	return func(yield func(*corev1.Pod) bool) {
		for o := range in.ListOnNode(node) {
			if p, ok := o.Value.(*corev1.Pod); ok && !yield(p) {
				return
			}
		}
	}
}

// ofPod lifts a test of one Pod to all of the node's Pods in the request's
// namespace. What a node says of a mirror Pod does not give it anything.
func ofPod(test func(p *corev1.Pod, name string) bool) relation {
	return func(r request) bool {
		for p := range podsOf(r.in.Snapshot(), r.node) {
			if _, mirror := p.Annotations[corev1.MirrorPodAnnotationKey]; p.Namespace == r.Namespace && !mirror && test(p, r.Name) {
				return true
			}
		}
		return false
	}
}

var (
	configMap      = ofPod(mentions(podrefs.VisitPodConfigmapNames))
	ownSecret      = ofPod(mentions(podrefs.VisitPodSecretNames))
	serviceAccount = ofPod(func(p *corev1.Pod, name string) bool { return p.Spec.ServiceAccountName == name })
	claim          = ofPod(mountsClaim)
	resourceClaim  = ofPod(usesResourceClaim)
)

// mentions makes a test of upstream's visitor of names. What the visitor itself
// returns does not tell whether it was stopped.
func mentions(visit func(*corev1.Pod, podrefs.Visitor) bool) func(p *corev1.Pod, name string) bool {
	return func(p *corev1.Pod, name string) (found bool) {
		visit(p, func(one string) bool {
			found = found || one == name
			return !found
		})
		return found
	}
}

func mountsClaim(p *corev1.Pod, name string) bool {
	for i := range p.Spec.Volumes {
		v := &p.Spec.Volumes[i]
		if v.PersistentVolumeClaim != nil && v.PersistentVolumeClaim.ClaimName == name {
			return true
		}
		if v.Ephemeral != nil && ephemeral.VolumeClaimName(p, v) == name {
			return true
		}
	}
	return false
}

func usesResourceClaim(p *corev1.Pod, name string) bool {
	for i := range p.Spec.ResourceClaims {
		if claim := p.Spec.ResourceClaims[i].ResourceClaimName; claim != nil && *claim == name {
			return true
		}
	}
	for i := range p.Status.ResourceClaimStatuses {
		if claim := p.Status.ResourceClaimStatuses[i].ResourceClaimName; claim != nil && *claim == name {
			return true
		}
	}
	extended := p.Status.ExtendedResourceClaimStatus
	return extended != nil && extended.ResourceClaimName == name
}

// pod is related if it is bound to the node, mirror Pods too.
func pod(r request) bool {
	o := r.in.Snapshot().Get(pods, r.Namespace, r.Name)
	return o != nil && o.Node == r.node
}

// volume is related if a Pod mounts the claim that it is bound to.
func volume(r request) bool {
	o := r.in.Snapshot().Get(persistentVolumes, "", r.Name)
	return o != nil && mounted(r, o.Value.(*corev1.PersistentVolume))
}

func mounted(r request, pv *corev1.PersistentVolume) bool {
	bound := pv.Spec.ClaimRef
	if bound == nil {
		return false
	}
	about := *r.Attributes
	about.Namespace, about.Name = bound.Namespace, bound.Name
	return claim(request{&about, r.node, r.in})
}

// secret is related if a Pod refers to it, or a volume that a Pod mounts.
func secret(r request) bool {
	if ownSecret(r) {
		return true
	}
	for o := range r.in.Snapshot().List(persistentVolumes, "") {
		pv := o.Value.(*corev1.PersistentVolume)
		if pv.Spec.ClaimRef != nil && needsSecret(pv, r.Namespace, r.Name) && mounted(r, pv) {
			return true
		}
	}
	return false
}

func needsSecret(pv *corev1.PersistentVolume, namespace, name string) bool {
	return !volumes.VisitPVSecretNames(pv, func(ns, found string, kubeletVisible bool) bool {
		return !kubeletVisible || ns != namespace || found != name
	})
}

func attachment(r request) bool {
	o := r.in.Snapshot().Get(volumeAttachments, "", r.Name)
	return o != nil && o.Value.(*storagev1.VolumeAttachment).Spec.NodeName == r.node
}

func podCertificateRequest(r request) bool {
	o := r.in.Snapshot().Get(podCertificateRequests, r.Namespace, r.Name)
	return o != nil && string(o.Value.(*certificatesv1.PodCertificateRequest).Spec.NodeName) == r.node
}

func slice(r request) bool {
	o := r.in.Snapshot().Get(resourceSlices, "", r.Name)
	if o == nil {
		return false
	}
	s, ok := o.Value.(*resourcev1.ResourceSlice)
	return ok && s.Spec.NodeName != nil && *s.Spec.NodeName == r.node
}
