package admission

import (
	"errors"
	"fmt"

	certificatesv1 "k8s.io/api/certificates/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/diff"
	"k8s.io/kubernetes/pkg/apis/certificates"

	"github.com/minik8s/minik8s/apiserver/nodeauth"
)

// nodeRestriction lets a kubelet write what is its own: its Node and lease, and
// the Pods on it. The Node authoriser, which does not see objects, lets more
// through.
//
// Upstream: plugin/pkg/admission/noderestriction, which is switched on as kubeadm does it; volumes of the in-tree drivers are not taken for those of their CSI drivers when a kubelet asks for a token's audience.
func nodeRestriction() Plugin {
	restricted := map[schema.GroupResource]func(*Attributes, string) error{
		pods:                       (*Attributes).restrictPod,
		nodes:                      (*Attributes).restrictNode,
		persistentVolumeClaims:     (*Attributes).restrictClaim,
		serviceAccounts:            (*Attributes).restrictToken,
		podCertificateRequests:     (*Attributes).restrictPodCertificate,
		leases:                     (*Attributes).restrictLease,
		csiNodes:                   (*Attributes).restrictCSINode,
		resourceSlices:             (*Attributes).restrictSlice,
		certificateSigningRequests: (*Attributes).restrictCertificate,
	}
	about := []schema.GroupResource{
		pods, nodes, persistentVolumeClaims, serviceAccounts, podCertificateRequests, leases, csiNodes, resourceSlices, certificateSigningRequests,
	}
	return Plugin{Name: "NodeRestriction", For: about, Admit: func(a *Attributes) error {
		if a.Operation == Connect {
			return nil
		}
		node, isNode := nodeauth.NodeOf(a.User)
		if !isNode {
			return nil
		}
		if node == "" {
			return a.Forbidden(fmt.Errorf("could not determine node from user %q", a.User.Name))
		}
		return restricted[a.Resource.GroupResource()](a, node)
	}}
}

// refuse is Forbidden with a text.
func (a *Attributes) refuse(format string, args ...any) error {
	return a.Forbidden(fmt.Errorf(format, args...))
}

// restrictClaim lets a kubelet tell how large a volume has become, and nothing
// else.
func (a *Attributes) restrictClaim(node string) error {
	if a.Subresource != "status" {
		return a.refuse("may only update PVC status")
	}
	if a.Operation != Update {
		return a.refuse("unexpected operation %q", a.Operation)
	}
	old, obj := withoutKubeletsPart(a.OldObject.(*corev1.PersistentVolumeClaim)), withoutKubeletsPart(a.Object.(*corev1.PersistentVolumeClaim))
	if !equality.Semantic.DeepEqual(old, obj) {
		return a.refuse("node %q is not allowed to update fields other than status.quantity and status.conditions: %v", node, diff.Diff(old, obj))
	}
	return nil
}

func withoutKubeletsPart(claim *corev1.PersistentVolumeClaim) *corev1.PersistentVolumeClaim {
	rest := *claim
	rest.ResourceVersion, rest.ManagedFields = "", nil
	rest.Status.Capacity, rest.Status.Conditions = nil, nil
	rest.Status.AllocatedResources, rest.Status.AllocatedResourceStatuses = nil, nil
	return &rest
}

// restrictLease lets a kubelet renew its own heartbeat.
func (a *Attributes) restrictLease(node string) error {
	name := a.Name
	if lease, ok := a.Object.(*coordinationv1.Lease); ok && a.Operation == Create {
		name = lease.Name
	}
	switch {
	case a.Namespace != corev1.NamespaceNodeLease:
		return a.refuse("can only access leases in the %q system namespace", corev1.NamespaceNodeLease)
	case name != node:
		return a.refuse("can only access node lease with the same name as the requesting node")
	}
	return nil
}

// restrictCSINode lets a kubelet say which CSI drivers it has.
func (a *Attributes) restrictCSINode(node string) error {
	name := a.Name
	if obj, ok := a.Object.(metav1.Object); ok && a.Operation == Create {
		name = obj.GetName()
	}
	switch {
	case name != node:
		return a.refuse("can only access CSINode with the same name as the requesting node")
	case a.Subresource == "status":
		return a.refuse("CSIVolumeHealth feature gate is disabled")
	}
	return nil
}

// restrictSlice lets a kubelet say which devices its own node has. Updates are
// for the authoriser to check, which finds the stored object by its name.
func (a *Attributes) restrictSlice(node string) error {
	switch a.Operation {
	case Create:
		if !isSliceOf(a.Object.(*resourcev1.ResourceSlice), node) {
			return a.Forbidden(errors.New("can only create ResourceSlice with the same NodeName as the requesting node"))
		}
	case Delete:
		if !isSliceOf(a.OldObject.(*resourcev1.ResourceSlice), node) {
			return a.Forbidden(errors.New("can only delete ResourceSlice with the same NodeName as the requesting node"))
		}
	}
	return nil
}

func isSliceOf(s *resourcev1.ResourceSlice, node string) bool {
	return s.Spec.NodeName != nil && *s.Spec.NodeName == node
}

// restrictCertificate lets a kubelet ask for certificates that say who it is.
func (a *Attributes) restrictCertificate(node string) error {
	if a.Operation != Create {
		return nil
	}
	csr := a.Object.(*certificatesv1.CertificateSigningRequest)
	if csr.Spec.SignerName != certificatesv1.KubeletServingSignerName && csr.Spec.SignerName != certificatesv1.KubeAPIServerClientKubeletSignerName {
		return nil
	}
	request, err := certificates.ParseCSR(csr.Spec.Request)
	if err != nil {
		return a.refuse("unable to parse csr: %w", err)
	}
	if request.Subject.CommonName != "system:node:"+node {
		return a.refuse("can only create a node CSR with CN=system:node:%s", node)
	}
	return nil
}
