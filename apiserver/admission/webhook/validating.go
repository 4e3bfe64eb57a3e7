package webhook

import (
	"errors"

	"github.com/minik8s/minik8s/apiserver/admission"
	"github.com/minik8s/minik8s/apiserver/admission/match"
	"github.com/minik8s/minik8s/apiserver/outside"
)

// Validating is the plugin that asks validating webhooks about the object as
// it is going to be stored, all of them at once.
//
// Upstream: k8s.io/apiserver/pkg/admission/plugin/webhook/validating (Dispatch), with the first refusal in the order of the configurations instead of the first to arrive.
func Validating() admission.Plugin {
	all := newHooks("validatingwebhookconfigurations", validatingHooks)
	return admission.Plugin{Name: "ValidatingAdmissionWebhook", Validate: func(a *admission.Attributes) error {
		about := all.about(a)
		if len(about) == 0 {
			return nil
		}
		calls, err := relevant(match.Of(a), about)
		if err != nil {
			return err
		}
		return verdictOf(a, calls)
	}}
}

// invocation is a webhook that is to be asked, and in which version.
type invocation struct {
	*hook
	*match.Target
}

// relevant are the webhooks that want to hear of a request.
func relevant(r *match.Request, about []*hook) ([]invocation, error) {
	var calls []invocation
	for _, h := range about {
		target, err := h.target(r)
		if err != nil {
			return nil, err
		}
		if target != nil {
			calls = append(calls, invocation{h, target})
		}
	}
	return calls, nil
}

// verdictOf asks webhooks side by side, and hears all of them before it says
// what the first one has against the request.
func verdictOf(a *admission.Attributes, calls []invocation) error {
	request := match.Of(a)
	var refusal error
	var unanswered outside.Questions
	for i, call := range calls {
		_, _, err := call.review(request, call.Target)
		if more := (outside.Questions)(nil); errors.As(err, &more) {
			unanswered = append(unanswered, more...)
			continue
		}
		if err = call.verdict(a, i, err); refusal == nil {
			refusal = err
		}
	}
	if unanswered != nil {
		return unanswered
	}
	return refusal
}
