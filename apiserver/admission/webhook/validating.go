package webhook

import (
	"github.com/minik8s/minik8s/apiserver/admission"
	"github.com/minik8s/minik8s/apiserver/admission/match"
)

// Validating is the plugin that asks validating webhooks about the object as
// it is going to be stored.
//
// Upstream: k8s.io/apiserver/pkg/admission/plugin/webhook/validating (Dispatch), one webhook after another instead of all at once, so that those after the first refusal are not asked.
func Validating() admission.Plugin {
	all := newHooks("validatingwebhookconfigurations", validatingHooks)
	return admission.Plugin{Name: "ValidatingAdmissionWebhook", Validate: func(a *admission.Attributes) error {
		about := all.about(a)
		if len(about) == 0 {
			return nil
		}
		request, asked := match.Of(a), 0
		for _, h := range about {
			target, err := h.target(request)
			if err != nil {
				return err
			}
			if target == nil {
				continue
			}
			_, _, err = h.review(request, target)
			if err := h.verdict(a, asked, err); err != nil {
				return err
			}
			asked++
		}
		return nil
	}}
}
