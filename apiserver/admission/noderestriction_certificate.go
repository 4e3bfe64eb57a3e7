package admission

import (
	"fmt"
	"strings"

	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
)

// restrictPodCertificate lets a kubelet ask for the certificates that Pods on
// it mount. What may be so because the kubelet knows more than the server is no
// refusal: it may try again.
func (a *Attributes) restrictPodCertificate(node string) error {
	switch {
	case a.Operation != Create:
		return a.refuse("unexpected operation %v", a.Operation)
	case a.Subresource != "":
		return a.refuse("unexpected subresource %v", a.Subresource)
	}
	spec := &a.Object.(*certificatesv1.PodCertificateRequest).Spec
	if string(spec.NodeName) != node {
		return a.refuse("PodCertificateRequest.Spec.NodeName=%q, which is not the requesting node %q", spec.NodeName, node)
	}
	stored := a.Get(nodes, "", node)
	if stored == nil {
		return fmt.Errorf("while retrieving node %q named in the PodCertificateRequest: %v", spec.NodeName, notFound("node", node))
	}
	where := a.Namespace + "/" + spec.PodName
	if stored.GetUID() != spec.NodeUID {
		return fmt.Errorf("PodCertificateRequest for pod %q names node UID %q, inconsistent with the running node (%q)", where, spec.NodeUID, stored.GetUID())
	}
	pod, ok := a.Get(pods, a.Namespace, spec.PodName).(*corev1.Pod)
	if !ok {
		return fmt.Errorf("while retrieving pod %q named in the PodCertificateRequest: %v", where, notFound("pod", spec.PodName))
	}
	if err := a.checkCertificatePod(spec, pod, where); err != nil {
		return err
	}
	if err := a.checkCertificateAccount(spec, where); err != nil {
		return err
	}
	// A signer's name has slashes, which those of resources in rules cannot have.
	if mountsSigner(pod, spec.SignerName) || a.mayFor("request-serviceaccounts-podcertificate-signer", strings.ReplaceAll(spec.SignerName, "/", ":"), spec.ServiceAccountName) {
		return nil
	}
	return a.refuse("pod %q does not mount a podCertificate projected volume for signer %q", where, spec.SignerName)
}

func (a *Attributes) checkCertificatePod(spec *certificatesv1.PodCertificateRequestSpec, pod *corev1.Pod, where string) error {
	_, mirror := pod.Annotations[corev1.MirrorPodAnnotationKey]
	switch {
	case spec.PodUID != pod.UID:
		return fmt.Errorf("PodCertificateRequest for pod %q contains pod UID (%q) which differs from running pod %q", where, spec.PodUID, pod.UID)
	case pod.Spec.NodeName != string(spec.NodeName):
		return a.refuse("pod %q is not running on node %q named in the PodCertificateRequest", where, spec.NodeName)
	case mirror:
		return a.refuse("pod %q is a mirror pod", where)
	case spec.ServiceAccountName != pod.Spec.ServiceAccountName:
		return a.refuse("PodCertificateRequest for pod %q contains serviceAccountName (%q) that differs from running pod (%q)", where, spec.ServiceAccountName, pod.Spec.ServiceAccountName)
	}
	return nil
}

func (a *Attributes) checkCertificateAccount(spec *certificatesv1.PodCertificateRequestSpec, where string) error {
	account := a.Get(serviceAccounts, a.Namespace, spec.ServiceAccountName)
	named := a.Namespace + "/" + spec.ServiceAccountName
	if account == nil {
		return fmt.Errorf("while retrieving service account %q named in the PodCertificateRequest: %v", named, notFound("serviceaccount", spec.ServiceAccountName))
	}
	if spec.ServiceAccountUID != account.GetUID() {
		return fmt.Errorf("PodCertificateRequest for pod %q names service account UID %q, which differs from the running service account (%q)", where, spec.ServiceAccountUID, account.GetUID())
	}
	return nil
}

func mountsSigner(pod *corev1.Pod, signer string) bool {
	for i := range pod.Spec.Volumes {
		p := pod.Spec.Volumes[i].Projected
		if p == nil {
			continue
		}
		for _, source := range p.Sources {
			if source.PodCertificate != nil && source.PodCertificate.SignerName == signer {
				return true
			}
		}
	}
	return false
}
