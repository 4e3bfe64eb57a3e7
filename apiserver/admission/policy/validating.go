package policy

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	upstream "k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	celconfig "k8s.io/apiserver/pkg/apis/cel"

	"github.com/minik8s/minik8s/apiserver/admission"
	"github.com/minik8s/minik8s/apiserver/admission/match"
	"github.com/minik8s/minik8s/kinds"
)

// validatingPolicy is a ValidatingAdmissionPolicy, read once.
type validatingPolicy struct {
	definition
	validator validating.Validator
}

func readValidating(o kinds.Object) *validatingPolicy {
	p := o.(*admissionregistrationv1.ValidatingAdmissionPolicy)
	return &validatingPolicy{
		definition: definition{p.Name, match.NewResources(p.Spec.MatchConstraints), p.Spec.ParamKind, p.Spec.FailurePolicy},
		validator:  compileValidating(p),
	}
}

func readValidatingBinding(o kinds.Object) *binding {
	b := o.(*admissionregistrationv1.ValidatingAdmissionPolicyBinding)
	read := newBinding(b.Name, b.Spec.PolicyName, b.Spec.MatchResources, b.Spec.ParamRef)
	read.actions = b.Spec.ValidationActions
	return read
}

// Validating is the plugin that evaluates validating policies.
//
// Upstream: k8s.io/apiserver/pkg/admission/plugin/policy/validating (Dispatch), in the order of the policies' names instead of any.
func Validating() admission.Plugin {
	var policies match.Compiled[*validatingPolicy]
	var bindings match.Compiled[*binding]
	return admission.Plugin{Name: "ValidatingAdmissionPolicy", Validate: func(a *admission.Attributes) error {
		registered := a.Registered(validatingPolicies)
		if len(registered) == 0 || isExempt(a) {
			return nil
		}
		bound := bindings.All(a.Registered(validatingBindings), readValidatingBinding)
		v := &validation{Request: match.Of(a), versions: versions{}}
		for _, o := range registered {
			p := policies.Of(o, readValidating)
			if !p.isBound(bound) {
				continue
			}
			if err := v.apply(p, bound); err != nil {
				return err
			}
		}
		v.audited.publishFailures(v.Request)
		return v.verdict()
	}}
}

// validation is a request on its way past the policies.
type validation struct {
	*match.Request
	versions versions
	denied   []denial
	audited  audited
}

// denial is one reason to refuse the request.
type denial struct {
	policy, binding string // binding may be empty
	message         string
	reason          metav1.StatusReason
}

func (d *denial) String() string {
	if d.binding == "" {
		return fmt.Sprintf("ValidatingAdmissionPolicy '%s' denied request: %s", d.policy, d.message)
	}
	return fmt.Sprintf("ValidatingAdmissionPolicy '%s' with binding '%s' denied request: %s", d.policy, d.binding, d.message)
}

func (v *validation) apply(p *validatingPolicy, bound []*binding) error {
	fail := func(b *binding, err error) {
		if p.ignoresFailure() {
			return
		}
		d := denial{policy: p.name, message: err.Error()}
		if b != nil {
			d.binding = b.name
		}
		v.denied = append(v.denied, d)
	}
	defer v.audited.publish(v.Request, p.name)
	for _, u := range p.uses(v.Request, bound, fail) {
		if len(u.params) == 0 {
			continue
		}
		versioned, err := v.versions.in(v.Request, u.target.Kind)
		if err != nil {
			fail(u.binding, fmt.Errorf("failed to configure binding: failed to convert object version: %w", err))
			continue
		}
		if err := v.evaluate(p, u, versioned); err != nil {
			return err
		}
	}
	return nil
}

func (v *validation) evaluate(p *validatingPolicy, u use, versioned *upstream.VersionedAttributes) error {
	namespace, err := namespaceOf(v.Request)
	if err != nil {
		return err
	}
	for _, param := range u.params {
		result := p.validator.Validate(context.Background(), u.target.Resource, versioned, named(param, p.paramKind), namespace, celconfig.RuntimeCELCostBudget, v.Authorizer())
		for i, decision := range result.Decisions {
			if decision.Action == validating.ActionDeny {
				v.deny(p, u.binding, i, &decision)
			}
		}
		for _, annotation := range result.AuditAnnotations {
			switch annotation.Action {
			case validating.AuditAnnotationActionPublish:
				v.audited.add(annotation.Key, annotation.Value)
			case validating.AuditAnnotationActionError:
				v.denied = append(v.denied, denial{policy: p.name, binding: u.name, message: annotation.Error})
			}
		}
	}
	return nil
}

// deny does what the binding has in store for a request that the policy does
// not like. index is the place of the expression in the policy.
func (v *validation) deny(p *validatingPolicy, b *binding, index int, decision *validating.PolicyDecision) {
	for _, action := range b.actions {
		switch action {
		case admissionregistrationv1.Deny:
			v.denied = append(v.denied, denial{p.name, b.name, decision.Message, decision.Reason})
		case admissionregistrationv1.Audit:
			v.audited.failures = append(v.audited.failures, validating.ValidationFailureValue{
				Message: decision.Message, Policy: p.name, Binding: b.name, ExpressionIndex: index, ValidationActions: b.actions,
			})
		case admissionregistrationv1.Warn:
			v.Warn(fmt.Sprintf("Validation failed for ValidatingAdmissionPolicy '%s' with binding '%s': %s", p.name, b.name, decision.Message))
		}
	}
}

// verdict is the first denial as an error.
func (v *validation) verdict() error {
	if len(v.denied) == 0 {
		return nil
	}
	first := &v.denied[0]
	err := v.Forbidden(errors.New(first.String()))
	var status *apierrors.StatusError
	if !errors.As(err, &status) {
		return err
	}
	status.ErrStatus.Reason = first.reason
	if first.reason == "" {
		status.ErrStatus.Reason = metav1.StatusReasonInvalid
	}
	status.ErrStatus.Code = codeOf(status.ErrStatus.Reason)
	status.ErrStatus.Details.Causes = append(status.ErrStatus.Details.Causes, metav1.StatusCause{Message: first.String()})
	return status
}

func codeOf(reason metav1.StatusReason) int32 {
	switch reason {
	case metav1.StatusReasonForbidden:
		return http.StatusForbidden
	case metav1.StatusReasonUnauthorized:
		return http.StatusUnauthorized
	case metav1.StatusReasonRequestEntityTooLarge:
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusUnprocessableEntity
}
