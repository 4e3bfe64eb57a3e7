package minik8s

import (
	"slices"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	podutil "k8s.io/kubernetes/pkg/api/v1/pod"

	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/apiserver/authority"
	"github.com/minik8s/minik8s/apiserver/rbac"
	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/view"
)

// namesSecret implements controllers.PodNamesSecret.
func namesSecret(pod *corev1.Pod, name string) bool {
	return !podutil.VisitPodSecretNames(pod, func(used string) bool { return used != name })
}

// authority is who signs the cluster's certificates.
func (o *Options) authority() *authority.Authority {
	if o.Authority != nil {
		return o.Authority
	}
	return authority.FromSeed(o.Seed)
}

// reviewAccess implements controllers.ReviewAccess. What is asked about is no
// business of the Node authoriser.
func (o *Options) reviewAccess(v reconcile.View, spec *authorizationv1.SubjectAccessReviewSpec) bool {
	if o.AlwaysAllow || slices.Contains(spec.Groups, user.SystemPrivilegedGroup) {
		return true
	}
	asked := spec.ResourceAttributes
	return rbac.Compile(v.(*view.View).Snapshot()).Authorize(&auth.Attributes{
		User: &auth.User{Name: spec.User, UID: spec.UID, Groups: spec.Groups},
		Verb: asked.Verb, Group: asked.Group, Resource: asked.Resource, Subresource: asked.Subresource,
		Namespace: asked.Namespace, Name: asked.Name,
	}).Allowed
}
