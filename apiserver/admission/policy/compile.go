package policy

import (
	"fmt"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/mutating/patch"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	"k8s.io/apiserver/pkg/cel/environment"
)

// compiler compiles the expressions of one policy, which share its variables.
type compiler struct {
	*cel.CompositedCompiler
	options cel.OptionalVariableDeclarations
}

// Upstream: k8s.io/apiserver/pkg/admission/plugin/policy/validating and mutating (compilePolicy), complete.
func newCompiler(hasParams bool, variables []admissionregistrationv1.Variable) (*compiler, error) {
	composited, err := cel.NewCompositedCompiler(environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()))
	if err != nil {
		return nil, err
	}
	c := &compiler{composited, cel.OptionalVariableDeclarations{HasParams: hasParams, HasAuthorizer: true}}
	named := make([]cel.NamedExpressionAccessor, len(variables))
	for i, v := range variables {
		named[i] = &validating.Variable{Name: v.Name, Expression: v.Expression}
	}
	c.CompileAndStoreVariables(named, c.options, environment.StoredExpressions)
	return c, nil
}

func (c *compiler) condition(expressions []cel.ExpressionAccessor, options cel.OptionalVariableDeclarations) cel.ConditionEvaluator {
	return c.CompileCondition(expressions, options, environment.StoredExpressions)
}

// matcher is nil for a policy without match conditions.
func (c *compiler) matcher(name string, conditions []admissionregistrationv1.MatchCondition, failure *admissionregistrationv1.FailurePolicyType) matchconditions.Matcher {
	if len(conditions) == 0 {
		return nil
	}
	expressions := make([]cel.ExpressionAccessor, len(conditions))
	for i := range conditions {
		expressions[i] = (*matchconditions.MatchCondition)(&conditions[i])
	}
	return matchconditions.NewMatcher(c.condition(expressions, c.options), failure, "policy", "validate", name)
}

func compileValidating(p *admissionregistrationv1.ValidatingAdmissionPolicy) validating.Validator {
	c, err := newCompiler(p.Spec.ParamKind != nil, p.Spec.Variables)
	if err != nil {
		return validating.NewValidator(nil, nil, nil, nil, p.Spec.FailurePolicy, err)
	}
	validations := make([]cel.ExpressionAccessor, len(p.Spec.Validations))
	messages := make([]cel.ExpressionAccessor, len(p.Spec.Validations))
	for i, v := range p.Spec.Validations {
		validations[i] = &validating.ValidationCondition{Expression: v.Expression, Message: v.Message, Reason: v.Reason}
		if v.MessageExpression != "" {
			messages[i] = &validating.MessageExpressionCondition{MessageExpression: v.MessageExpression}
		}
	}
	annotations := make([]cel.ExpressionAccessor, len(p.Spec.AuditAnnotations))
	for i, a := range p.Spec.AuditAnnotations {
		annotations[i] = &validating.AuditAnnotationCondition{Key: a.Key, ValueExpression: a.ValueExpression}
	}
	withoutAuthorizer := c.options
	withoutAuthorizer.HasAuthorizer = false
	return validating.NewValidator(
		c.condition(validations, c.options),
		c.matcher(p.Name, p.Spec.MatchConditions, p.Spec.FailurePolicy),
		c.condition(annotations, c.options),
		c.condition(messages, withoutAuthorizer),
		p.Spec.FailurePolicy, nil,
	)
}

// mutations are the compiled expressions of a mutating policy.
type mutations struct {
	*compiler
	matcher  matchconditions.Matcher
	patchers []patch.Patcher
}

func compileMutating(p *admissionregistrationv1.MutatingAdmissionPolicy) (*mutations, error) {
	c, err := newCompiler(p.Spec.ParamKind != nil, p.Spec.Variables)
	if err != nil {
		return nil, fmt.Errorf("failed to initialize CEL compiler: %w", err)
	}
	m := &mutations{compiler: c, matcher: c.matcher(p.Name, p.Spec.MatchConditions, p.Spec.FailurePolicy)}
	options := c.options
	options.HasPatchTypes = true
	for i := range p.Spec.Mutations {
		switch mutation := &p.Spec.Mutations[i]; {
		case mutation.JSONPatch != nil:
			expression := &patch.JSONPatchCondition{Expression: mutation.JSONPatch.Expression}
			m.patchers = append(m.patchers, patch.NewJSONPatcher(c.CompileMutatingEvaluator(expression, options, environment.StoredExpressions)))
		case mutation.ApplyConfiguration != nil:
			expression := &patch.ApplyConfigurationCondition{Expression: mutation.ApplyConfiguration.Expression}
			m.patchers = append(m.patchers, patch.NewApplyConfigurationPatcher(c.CompileMutatingEvaluator(expression, options, environment.StoredExpressions)))
		}
	}
	return m, nil
}
