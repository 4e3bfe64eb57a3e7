package nodeauth

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy"

	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/apiserver/rbac"
	"github.com/minik8s/minik8s/store"
)

// nodeRules are what all nodes may do alike. They depend on nothing but the
// program.
var nodeRules = sync.OnceValue(func() []rbacv1.PolicyRule { return bootstrappolicy.NodeRules() })

const userPrefix = "system:node:"

// NodeOf is the Node whose kubelet a user is.
//
// Upstream: pkg/auth/nodeidentifier (defaultNodeIdentifier), complete.
func NodeOf(u *auth.User) (node string, ok bool) {
	if !strings.HasPrefix(u.Name, userPrefix) || !u.In(user.NodesGroup) {
		return "", false
	}
	return strings.TrimPrefix(u.Name, userPrefix), true
}

// request is one that a node makes, in a world.
type request struct {
	*auth.Attributes
	node string
	in   *store.Store // read only if the answer depends on the world
}

// Authorize decides about a request of a user, who may be no node at all. in
// is the world, and read only if the answer depends on it. Whatever is not
// allowed here may still be allowed by RBAC.
//
// Upstream: plugin/pkg/auth/authorizer/node (NodeAuthorizer), complete.
func Authorize(a *auth.Attributes, in *store.Store) auth.Decision {
	node, ok := NodeOf(a.User)
	if !ok {
		return auth.Decision{}
	}
	if node == "" {
		return no("unknown node for user %q", a.User.Name)
	}
	r := request{a, node, in}
	if decide, ok := special[schema.GroupResource{Group: a.Group, Resource: a.Resource}]; ok && a.IsResource() {
		return decide(r)
	}
	return auth.Decision{Allowed: rbac.Allow(nodeRules(), a)}
}

// special are the resources of which a node may do more with some objects than
// with others.
var special = map[schema.GroupResource]func(request) auth.Decision{
	{Resource: "secrets"}:         func(r request) auth.Decision { return r.read(secret) },
	{Resource: "configmaps"}:      func(r request) auth.Decision { return r.read(configMap) },
	{Resource: "serviceaccounts"}: request.serviceAccount,
	{Resource: "nodes"}:           request.ofNode,
	{Resource: "pods"}:            request.pod,
	{Resource: "persistentvolumeclaims"}: func(r request) auth.Decision {
		if r.Subresource == "status" {
			return r.updateStatus(claim)
		}
		return r.get(claim)
	},
	{Resource: "persistentvolumes"}:                                    func(r request) auth.Decision { return r.get(volume) },
	{Group: "resource.k8s.io", Resource: "resourceclaims"}:             func(r request) auth.Decision { return r.get(resourceClaim) },
	{Group: "resource.k8s.io", Resource: "resourceslices"}:             request.resourceSlice,
	{Group: "storage.k8s.io", Resource: "volumeattachments"}:           func(r request) auth.Decision { return r.get(attachment) },
	{Group: "storage.k8s.io", Resource: "csinodes"}:                    request.csiNode,
	{Group: "coordination.k8s.io", Resource: "leases"}:                 request.lease,
	{Group: "certificates.k8s.io", Resource: "podcertificaterequests"}: request.podCertificate,
}

func yes() auth.Decision { return auth.Decision{Allowed: true} }

func no(format string, args ...any) auth.Decision {
	return auth.Decision{Reason: fmt.Sprintf(format, args...)}
}

func (r request) verbIs(verbs ...string) bool { return slices.Contains(verbs, r.Verb) }

func (r request) updateStatus(kind relation) auth.Decision {
	if !r.verbIs("update", "patch") {
		return no("can only get/update/patch this type")
	}
	return r.related(kind)
}

func (r request) get(kind relation) auth.Decision {
	switch {
	case r.Verb != "get":
		return no("can only get individual resources of this type")
	case r.Subresource != "":
		return no("cannot get subresource")
	}
	return r.related(kind)
}

func (r request) read(kind relation) auth.Decision {
	switch {
	case !r.verbIs("get", "list", "watch"):
		return no("can only read resources of this type")
	case r.Subresource != "":
		return no("cannot read subresource")
	case r.Namespace == "":
		return no("can only read namespaced object of this type")
	}
	return r.related(kind)
}

// related allows what has to do with the node.
func (r request) related(kind relation) auth.Decision {
	if r.Name == "" {
		return no("No Object name found")
	}
	if !kind(r) {
		return no("no relationship found between node '%s' and this object", r.node)
	}
	return yes()
}

// serviceAccount allows a kubelet to ask for the tokens of its Pods.
func (r request) serviceAccount() auth.Decision {
	switch {
	case r.Verb == "get" && r.Subresource == "":
		return r.read(serviceAccount)
	case r.Verb != "create" || r.Name == "":
		return no("can only create tokens for individual service accounts")
	case r.Subresource != "token":
		return no("can only create token subresource of serviceaccount")
	}
	return r.related(serviceAccount)
}

// lease allows a kubelet its own heartbeat. That the name of a new one is right
// is for admission to see.
func (r request) lease() auth.Decision {
	switch {
	case !r.verbIs("get", "create", "update", "patch", "delete"):
		return no("can only get, create, update, patch, or delete a node lease")
	case r.Namespace != corev1.NamespaceNodeLease:
		return no("can only access leases in the %q system namespace", corev1.NamespaceNodeLease)
	case r.Verb != "create" && r.Name != r.node:
		return no("can only access node lease with the same name as the requesting node")
	}
	return yes()
}

func (r request) csiNode() auth.Decision {
	switch {
	case r.Subresource == "status":
		return no("CSINode status access requires CSIVolumeHealth feature")
	case r.Subresource != "":
		return no("cannot authorize CSINode subresources")
	case !r.verbIs("get", "create", "update", "patch", "delete"):
		return no("can only get, create, update, patch, or delete a CSINode")
	case r.Verb != "create" && r.Name != r.node:
		return no("can only access CSINode with the same name as the requesting node")
	}
	return yes()
}

func (r request) resourceSlice() auth.Decision {
	switch {
	case r.Subresource != "":
		return no("cannot authorize ResourceSlice subresources")
	case r.Verb == "create":
		return yes()
	case r.verbIs("get", "update", "patch", "delete"):
		return r.related(slice)
	case r.verbIs("watch", "list", "deletecollection"):
		if r.selects(resourcev1.ResourceSliceSelectorNodeName) {
			return yes()
		}
		return no("can only list/watch/deletecollection resourceslices with nodeName field selector")
	}
	return no("only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection")
}

// podCertificate lets a kubelet ask for certificates of its Pods, and read what
// it has asked for. What it asks for is for admission to see.
func (r request) podCertificate() auth.Decision {
	switch {
	case r.Subresource != "":
		return no("nodes may not access the status subresource of PodCertificateRequests")
	case r.Verb == "create":
		return yes()
	case r.Verb == "get":
		return r.related(podCertificateRequest)
	case !r.verbIs("list", "watch"):
		return no("nodes may not %s podcertificaterequests", r.Verb)
	case r.selects("spec.nodeName"):
		return yes()
	}
	return no("can only list/watch podcertificaterequests with nodeName field selector")
}

// selects says whether a list is of the node's own objects only.
func (r request) selects(field string) bool {
	for _, requirement := range r.Fields {
		if requirement.Field == field && requirement.Operator == selection.Equals && requirement.Value == r.node {
			return true
		}
	}
	return false
}

// ofNode lets a kubelet read its own Node. Which one it writes is for admission
// to see.
func (r request) ofNode() auth.Decision {
	switch {
	case r.Subresource == "" && r.verbIs("create", "update", "patch"), r.Subresource == "status" && r.verbIs("update", "patch"):
		return yes()
	case r.Subresource != "" || !r.verbIs("get", "list", "watch"):
		return auth.Decision{}
	case r.Name == r.node:
		return yes()
	case r.Name == "":
		return no("node '%s' cannot read all nodes, only its own Node object", r.node)
	}
	return no("node '%s' cannot read '%s', only its own Node object", r.node, r.Name)
}

// pod lets a kubelet read its own Pods, and create mirror Pods. Which ones it
// writes is for admission to see.
func (r request) pod() auth.Decision {
	switch {
	case r.Subresource == "" && r.Verb == "get":
		return r.get(pod)
	case r.Subresource == "" && r.verbIs("list", "watch"):
		switch {
		case r.selects("spec.nodeName"):
			return yes()
		case r.Name != "":
			return r.related(pod)
		}
		return no("can only list/watch pods with spec.nodeName field selector")
	case r.Subresource == "" && r.verbIs("create", "delete"),
		r.Subresource == "status" && r.verbIs("update", "patch"),
		r.Subresource == "eviction" && r.Verb == "create":
		return yes()
	}
	return auth.Decision{}
}
