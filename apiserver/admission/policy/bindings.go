package policy

import (
	"fmt"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	upstream "k8s.io/apiserver/pkg/admission"

	"github.com/minik8s/minik8s/apiserver/admission"
	"github.com/minik8s/minik8s/apiserver/admission/match"
)

// definition is what policies of both kinds have in common.
type definition struct {
	name      string
	criteria  *match.Criteria
	paramKind *admissionregistrationv1.ParamKind
	failure   *admissionregistrationv1.FailurePolicyType
}

// ignoresFailure says that a policy which cannot be evaluated lets pass.
func (d *definition) ignoresFailure() bool {
	return d.failure != nil && *d.failure == admissionregistrationv1.Ignore
}

// binding is what bindings of both kinds have in common.
type binding struct {
	name, policy string
	criteria     *match.Criteria // nil: all that the policy is about
	params       *admissionregistrationv1.ParamRef
	actions      []admissionregistrationv1.ValidationAction // of a validating one
}

func newBinding(name, policy string, m *admissionregistrationv1.MatchResources, params *admissionregistrationv1.ParamRef) *binding {
	b := &binding{name: name, policy: policy, params: params}
	if m != nil {
		b.criteria = match.NewResources(m)
	}
	return b
}

// use is a policy as one binding applies it to a request, once for each of
// the parameters. A parameter may be nil.
type use struct {
	*binding
	target *match.Target
	params []runtime.Object
}

// uses finds out how a policy applies. What is wrong with the policy, or with
// a binding of it, goes to fail.
//
// Upstream: k8s.io/apiserver/pkg/admission/plugin/policy/generic (policyDispatcher), without waiting for parameters to be known: they are there or they are not.
func (d *definition) uses(r *match.Request, bindings []*binding, fail func(*binding, error)) []use {
	target, err := r.Match(d.criteria)
	if err == nil && target == nil {
		return nil
	}
	var from source
	if err == nil {
		from, err = d.source(r)
	}
	if err != nil {
		fail(nil, fmt.Errorf("failed to configure policy: %w", err))
		return nil
	}
	var all []use
	for _, b := range bindings {
		if b.policy != d.name {
			continue
		}
		applies, params, err := b.apply(r, from)
		if err != nil {
			fail(b, fmt.Errorf("failed to configure binding: %w", err))
		} else if applies {
			all = append(all, use{b, target, params})
		}
	}
	return all
}

func (b *binding) apply(r *match.Request, from source) (applies bool, params []runtime.Object, err error) {
	if b.criteria != nil {
		if target, err := r.Match(b.criteria); target == nil || err != nil {
			return false, nil, err
		}
	}
	params, err = from.collect(r, b.params)
	return true, params, err
}

// isBound says whether a policy has a binding at all; without one it is as if
// it were not there.
func (d *definition) isBound(bindings []*binding) bool {
	for _, b := range bindings {
		if b.policy == d.name {
			return true
		}
	}
	return false
}

// isExempt says that policies have no say about a request: none can keep itself
// from being mended.
func isExempt(a *admission.Attributes) bool {
	if match.IsReview(a) {
		return true
	}
	if a.Resource.Group != admissionregistrationv1.GroupName {
		return false
	}
	switch a.Resource.Resource {
	case mutatingPolicies.Resource, mutatingBindings.Resource, validatingPolicies.Resource, validatingBindings.Resource:
		return true
	}
	return false
}

// versions shows a request in the versions that policies match it in.
type versions map[schema.GroupVersionKind]*upstream.VersionedAttributes

func (v versions) in(r *match.Request, kind schema.GroupVersionKind) (*upstream.VersionedAttributes, error) {
	if known := v[kind]; known != nil {
		return known, nil
	}
	versioned, err := r.In(kind)
	if err == nil {
		v[kind] = versioned
	}
	return versioned, err
}

// namespaceOf is the namespace that expressions see, nil for what is in none.
func namespaceOf(r *match.Request) (*corev1.Namespace, error) {
	if r.Namespace == "" || r.Kind.GroupKind() == (schema.GroupKind{Kind: "Namespace"}) {
		return nil, nil
	}
	ns, ok := r.Get(namespaces, "", r.Namespace).(*corev1.Namespace)
	if !ok {
		return nil, apierrors.NewNotFound(namespaces, r.Namespace)
	}
	return ns, nil
}

var (
	namespaces         = schema.GroupResource{Resource: "namespaces"}
	mutatingPolicies   = registration("mutatingadmissionpolicies")
	mutatingBindings   = registration("mutatingadmissionpolicybindings")
	validatingPolicies = registration("validatingadmissionpolicies")
	validatingBindings = registration("validatingadmissionpolicybindings")
)

func registration(resource string) schema.GroupResource {
	return schema.GroupResource{Group: admissionregistrationv1.GroupName, Resource: resource}
}
