package policy

import (
	"context"
	"errors"
	"fmt"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	upstream "k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/mutating/patch"
	celconfig "k8s.io/apiserver/pkg/apis/cel"

	"github.com/minik8s/minik8s/apiserver/admission"
	"github.com/minik8s/minik8s/apiserver/admission/match"
	"github.com/minik8s/minik8s/kinds"
)

const mutatingName = "MutatingAdmissionPolicy"

// mutatingPolicy is a MutatingAdmissionPolicy, read once.
type mutatingPolicy struct {
	definition
	*mutations
	broken     error // why there are no mutations
	reinvoking bool  // it wants another round if the object changes
}

func readMutating(o kinds.Object) *mutatingPolicy {
	p := o.(*admissionregistrationv1.MutatingAdmissionPolicy)
	read := &mutatingPolicy{
		definition: definition{p.Name, match.NewResources(p.Spec.MatchConstraints), p.Spec.ParamKind, p.Spec.FailurePolicy},
		reinvoking: p.Spec.ReinvocationPolicy == admissionregistrationv1.IfNeededReinvocationPolicy,
	}
	read.mutations, read.broken = compileMutating(p)
	return read
}

func readMutatingBinding(o kinds.Object) *binding {
	b := o.(*admissionregistrationv1.MutatingAdmissionPolicyBinding)
	return newBinding(b.Name, b.Spec.PolicyName, b.Spec.MatchResources, b.Spec.ParamRef)
}

// Mutating is the plugin that evaluates mutating policies.
//
// Upstream: k8s.io/apiserver/pkg/admission/plugin/policy/mutating (Dispatch), in the order of the policies' names instead of any.
func Mutating() admission.Plugin {
	var policies match.Compiled[*mutatingPolicy]
	var bindings match.Compiled[*binding]
	return admission.Plugin{Name: mutatingName, Admit: func(a *admission.Attributes) error {
		registered := a.Registered(mutatingPolicies)
		if len(registered) == 0 || a.Operation == admission.Delete || isExempt(a) {
			return nil
		}
		bound := bindings.All(a.Registered(mutatingBindings), readMutatingBinding)
		m := &mutation{Request: match.Of(a), round: match.RoundOf(a, mutatingName)}
		for _, o := range registered {
			p := policies.Of(o, readMutating)
			if !p.isBound(bound) {
				continue
			}
			if err := m.apply(p, bound); err != nil {
				return err
			}
		}
		m.round.End(a)
		return m.verdict()
	}}
}

// mutation is a request on its way past the policies.
type mutation struct {
	*match.Request
	round  *match.Round
	failed []failure
}

// failure is why a policy could not do its work.
type failure struct {
	text   string
	reason metav1.StatusReason
}

func (m *mutation) fail(p *mutatingPolicy, b *binding, reason metav1.StatusReason, err error) {
	switch {
	case p.ignoresFailure():
	case b == nil:
		m.failed = append(m.failed, failure{fmt.Sprintf("policy %q denied request: %s", p.name, err), reason})
	default:
		m.failed = append(m.failed, failure{fmt.Sprintf("policy '%s' with binding '%s' denied request: %s", p.name, b.name, err), reason})
	}
}

func (m *mutation) apply(p *mutatingPolicy, bound []*binding) error {
	uses := p.uses(m.Request, bound, func(b *binding, err error) { m.fail(p, b, "", err) })
	if len(uses) == 0 {
		return nil
	}
	if p.broken != nil {
		return apierrors.NewInternalError(p.broken)
	}
	namespace, err := namespaceOf(m.Request)
	if err != nil {
		return err
	}
	for _, u := range uses {
		for _, param := range u.params {
			if err := m.invoke(p, u, named(param, p.paramKind), namespace); err != nil {
				return err
			}
		}
	}
	return nil
}

// invoke evaluates a policy with one parameter. In the second round none is
// evaluated for the first time.
func (m *mutation) invoke(p *mutatingPolicy, u use, param runtime.Object, namespace *corev1.Namespace) error {
	versioned, err := m.In(u.target.Kind)
	if err != nil {
		return apierrors.NewInternalError(err)
	}
	ctx := p.CreateContext(context.Background())
	if p.matcher != nil {
		result := p.matcher.Match(ctx, versioned, param, m.Authorizer())
		if result.Error != nil {
			m.fail(p, u.binding, metav1.StatusReasonInvalid, result.Error)
		}
		if result.Error != nil || !result.Matches {
			return nil
		}
	}
	key := invocationKey(p, u.binding, param)
	if m.Reinvocation.Again && !m.round.Wants(key) {
		return nil
	}
	before := versioned.VersionedObject.Object()
	if before == nil {
		return nil
	}
	for _, patcher := range p.patchers {
		if err := m.patch(ctx, patcher, versioned, u, param, namespace); err != nil {
			if status := (*apierrors.StatusError)(nil); errors.As(err, &status) {
				return status
			}
			m.fail(p, u.binding, metav1.StatusReasonInvalid, err)
		}
	}
	if after := versioned.VersionedObject.Object(); !equality.Semantic.DeepEqual(before, after) {
		m.round.Changed()
		m.Reinvocation.Wanted = true
		if err := m.Adopt(after); err != nil {
			return apierrors.NewInternalError(fmt.Errorf("failed to convert object: %w", err))
		}
	}
	if p.reinvoking {
		m.round.Invoked(key)
	}
	return nil
}

func invocationKey(p *mutatingPolicy, b *binding, param runtime.Object) string {
	key := p.name + "/" + b.name
	if o, err := meta.Accessor(param); param != nil && err == nil {
		key += "/" + o.GetNamespace() + "/" + o.GetName()
	}
	return key
}

// patch applies one mutation to the object as it is shown to the policy.
func (m *mutation) patch(ctx context.Context, patcher patch.Patcher, versioned *upstream.VersionedAttributes, u use, param runtime.Object, namespace *corev1.Namespace) error {
	schemas, err := m.FieldSchemas()
	if err != nil {
		return apierrors.NewInternalError(err)
	}
	patched, err := patcher.Patch(ctx, patch.Request{
		MatchedResource:     u.target.Resource,
		VersionedAttributes: versioned,
		ObjectInterfaces:    upstream.NewObjectInterfacesFromScheme(kinds.Scheme()),
		OptionalVariables:   cel.OptionalVariableBindings{VersionedParams: param, Authorizer: m.Authorizer()},
		Namespace:           namespace,
		TypeConverter:       schemas,
	}, celconfig.RuntimeCELCostBudget)
	if err != nil {
		return err
	}
	if patched, err = typed(patched, versioned.VersionedObject.Object()); err != nil {
		return err
	}
	kinds.Scheme().Default(patched)
	versioned.UpdateObject(patched)
	return nil
}

// typed is a patched object as the Go type that it was before.
func typed(patched, before runtime.Object) (runtime.Object, error) {
	u, ok := patched.(*unstructured.Unstructured)
	if _, custom := before.(*unstructured.Unstructured); custom || !ok {
		return patched, nil
	}
	into, err := kinds.Scheme().New(before.GetObjectKind().GroupVersionKind())
	if err != nil {
		return nil, err
	}
	return into, runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, into)
}

// verdict is what could not be done, as an error.
func (m *mutation) verdict() error {
	if len(m.failed) == 0 {
		return nil
	}
	err := m.Forbidden(errors.New("admission request denied by policy"))
	var status *apierrors.StatusError
	if !errors.As(err, &status) {
		return err
	}
	status.ErrStatus.Message = m.failed[0].text
	if reason := m.failed[0].reason; reason != "" {
		status.ErrStatus.Reason = reason
	}
	for _, f := range m.failed {
		status.ErrStatus.Details.Causes = append(status.ErrStatus.Details.Causes, metav1.StatusCause{Message: f.text})
	}
	return status
}
