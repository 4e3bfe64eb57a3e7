package webhook

import (
	"context"
	"fmt"
	"strconv"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	upstreamcel "k8s.io/apiserver/pkg/admission/plugin/cel"
	upstream "k8s.io/apiserver/pkg/admission/plugin/webhook"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/predicates/rules"
	"k8s.io/apiserver/pkg/cel/environment"

	"github.com/minik8s/minik8s/apiserver/admission"
	"github.com/minik8s/minik8s/apiserver/admission/match"
	"github.com/minik8s/minik8s/kinds"
)

// hook is one webhook of a configuration, read once.
type hook struct {
	upstream.WebhookAccessor
	criteria *match.Criteria
	mutating bool
}

// hooks are the webhooks of all configurations of one kind.
type hooks struct {
	resource schema.GroupResource
	read     func(kinds.Object) []*hook
	known    match.Compiled[[]*hook]
}

func newHooks(resource string, read func(kinds.Object) []*hook) *hooks {
	return &hooks{resource: schema.GroupResource{Group: admissionregistrationv1.GroupName, Resource: resource}, read: read}
}

// about lists the webhooks that a request may concern, in the order in which
// they are asked: by the names of their configurations.
func (h *hooks) about(a *admission.Attributes) []*hook {
	registered := a.Registered(h.resource)
	if len(registered) == 0 || match.IsReview(a) || rules.IsExemptAdmissionConfigurationResource(match.Of(a).Record()) {
		return nil
	}
	var all []*hook
	for _, configuration := range registered {
		all = append(all, h.known.Of(configuration, h.read)...)
	}
	return all
}

func mutatingHooks(o kinds.Object) []*hook {
	c := o.(*admissionregistrationv1.MutatingWebhookConfiguration)
	all := make([]*hook, len(c.Webhooks))
	for i := range c.Webhooks {
		w := &c.Webhooks[i]
		all[i] = newHook(upstream.NewMutatingWebhookAccessor(uid(c.Name, w.Name, i), c.Name, w))
		all[i].mutating = true
	}
	return all
}

func validatingHooks(o kinds.Object) []*hook {
	c := o.(*admissionregistrationv1.ValidatingWebhookConfiguration)
	all := make([]*hook, len(c.Webhooks))
	for i := range c.Webhooks {
		w := &c.Webhooks[i]
		all[i] = newHook(upstream.NewValidatingWebhookAccessor(uid(c.Name, w.Name, i), c.Name, w))
	}
	return all
}

// uid tells a webhook from all others of its kind.
func uid(configuration, webhook string, index int) string {
	return configuration + "/" + webhook + "/" + strconv.Itoa(index)
}

func newHook(accessor upstream.WebhookAccessor) *hook {
	named := make([]match.Rule, len(accessor.GetRules()))
	for i, rule := range accessor.GetRules() {
		named[i].RuleWithOperations = rule
	}
	return &hook{WebhookAccessor: accessor, criteria: match.NewCriteria(named, accessor.GetMatchPolicy(), orAll(accessor.GetNamespaceSelector()), orAll(accessor.GetObjectSelector()))}
}

// orAll is for configurations from before selectors had defaults.
func orAll(s *metav1.LabelSelector) *metav1.LabelSelector {
	if s == nil {
		return &metav1.LabelSelector{}
	}
	return s
}

// target says in which version a webhook wants to hear of a request, or nil
// if it is not to be asked.
//
// Upstream: k8s.io/apiserver/pkg/admission/plugin/webhook/generic (ShouldCallHook), complete.
func (h *hook) target(r *match.Request) (*match.Target, error) {
	target, err := r.Match(h.criteria)
	if target == nil || err != nil || len(h.GetMatchConditions()) == 0 {
		return target, err
	}
	versioned, err := r.In(target.Kind)
	if err != nil {
		return nil, apierrors.NewInternalError(err)
	}
	result := h.GetCompiledMatcher(conditions()).Match(context.Background(), versioned, nil, r.Authorizer())
	if result.Error != nil {
		return nil, apierrors.NewForbidden(r.Resource.GroupResource(), r.Name, result.Error)
	}
	if !result.Matches {
		return nil, nil
	}
	return target, nil
}

func conditions() upstreamcel.ConditionCompiler {
	return upstreamcel.NewConditionCompiler(environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()))
}

// dryRunError refuses to ask a webhook that might not leave it at an answer.
func (h *hook) dryRunError() error {
	effects := h.GetSideEffects()
	if effects == nil {
		return h.failure(fmt.Errorf("Webhook SideEffects is nil")) //lint:ignore ST1005 upstream's text
	}
	switch *effects {
	case admissionregistrationv1.SideEffectClassNone, admissionregistrationv1.SideEffectClassNoneOnDryRun:
		return nil
	}
	return apierrors.NewBadRequest(fmt.Sprintf("admission webhook %q does not support dry run", h.GetName()))
}
