package admission

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"
)

// ownerReferencesPermissionEnforcement: who may not delete an object may not
// have the garbage collector do it by giving it an owner, and who may not
// finalize an owner may not have a dependent hold back its deletion.
//
// Upstream: plugin/pkg/admission/gc, which kube-apiserver has switched off unless it is asked for.
func ownerReferencesPermissionEnforcement() Plugin {
	return Plugin{Name: "OwnerReferencesPermissionEnforcement", Validate: func(a *Attributes) error {
		if a.Operation != Create && a.Operation != Update || a.Resource.GroupResource() == pods && a.Subresource == "status" {
			return nil
		}
		refs, old := ownersOf(a.Object), ownersOf(a.OldObject)
		if sameOwners(refs, old) {
			return nil
		}
		if a.Operation == Update {
			q := Question{Verb: "delete", Resource: a.Resource, Subresource: a.Subresource, Namespace: a.Namespace, Name: a.Name}
			if allowed, reason := a.Authorize(q); !allowed {
				return a.Forbidden(fmt.Errorf("cannot set an ownerRef on a resource you can't delete: %v, <nil>", reason))
			}
		}
		return a.checkBlockingOwners(refs, old)
	}}
}

func ownersOf(obj runtime.Object) []metav1.OwnerReference {
	if o, ok := obj.(metav1.Object); ok {
		return o.GetOwnerReferences()
	}
	return nil
}

func sameOwners(refs, old []metav1.OwnerReference) bool {
	if len(refs) != len(old) {
		return false
	}
	if len(refs) > 0 && &refs[0] == &old[0] { // shared with what is stored
		return true
	}
	for i := range refs {
		if !equality.Semantic.DeepEqual(refs[i], old[i]) {
			return false
		}
	}
	return true
}

// checkBlockingOwners asks for the right to finalize each owner that is newly
// held back.
func (a *Attributes) checkBlockingOwners(refs, old []metav1.OwnerReference) error {
	anything := Question{Verb: "update", Resource: schema.GroupVersionResource{Group: "*", Version: "*", Resource: "*"}, Subresource: "finalizers", Name: "*"}
	asked := false
	for i := range refs {
		ref := &refs[i]
		if !ptr.Deref(ref.BlockOwnerDeletion, false) || blocksAlready(old, ref) {
			continue
		}
		if !asked {
			if allowed, _ := a.Authorize(anything); allowed {
				return nil
			}
			asked = true
		}
		if err := a.checkBlockingOwner(ref); err != nil {
			return err
		}
	}
	return nil
}

func blocksAlready(old []metav1.OwnerReference, ref *metav1.OwnerReference) bool {
	for i := range old {
		if old[i].UID == ref.UID {
			return ptr.Deref(old[i].BlockOwnerDeletion, false)
		}
	}
	return false
}

func (a *Attributes) checkBlockingOwner(ref *metav1.OwnerReference) error {
	owner, namespaced, err := a.ownerResource(ref)
	if err != nil {
		return a.Forbidden(fmt.Errorf("cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion %s Kind %s: %w", ref.APIVersion, ref.Kind, err))
	}
	q := Question{Verb: "update", Resource: owner, Subresource: "finalizers", Name: ref.Name}
	if namespaced {
		q.Namespace = a.Namespace
	}
	if allowed, reason := a.Authorize(q); !allowed {
		return a.Forbidden(fmt.Errorf("cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: %v, <nil>", reason))
	}
	return nil
}

func (a *Attributes) ownerResource(ref *metav1.OwnerReference) (gvr schema.GroupVersionResource, namespaced bool, err error) {
	gv, err := schema.ParseGroupVersion(ref.APIVersion)
	if err != nil {
		return gvr, false, err
	}
	gk := schema.GroupKind{Group: gv.Group, Kind: ref.Kind}
	resource, namespaced, ok := a.Mapping(gk, gv.Version)
	if !ok {
		return gvr, false, &meta.NoKindMatchError{GroupKind: gk, SearchedVersions: []string{gv.Version}}
	}
	return gv.WithResource(resource), namespaced, nil
}
