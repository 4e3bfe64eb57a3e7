package webhook

import (
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/minik8s/minik8s/apiserver/admission"
	"github.com/minik8s/minik8s/apiserver/admission/match"
)

const mutatingName = "MutatingAdmissionWebhook"

// Mutating is the plugin that asks mutating webhooks, one after another, each
// with what the earlier ones have made of the object.
//
// Upstream: k8s.io/apiserver/pkg/admission/plugin/webhook/mutating (Dispatch).
func Mutating() admission.Plugin {
	all := newHooks("mutatingwebhookconfigurations", mutatingHooks)
	return admission.Plugin{Name: mutatingName, Admit: func(a *admission.Attributes) error {
		about := all.about(a)
		if len(about) == 0 {
			return nil
		}
		round := match.RoundOf(a, mutatingName)
		for i, h := range about {
			if err := h.askForChanges(a, round, i); err != nil {
				return err
			}
		}
		round.End(a)
		return nil
	}}
}

// askForChanges asks one webhook and puts what it makes of the object in its place. In
// the second round no webhook is asked for the first time.
func (h *hook) askForChanges(a *admission.Attributes, round *match.Round, index int) error {
	request := match.Of(a)
	target, err := h.target(request)
	if target == nil || err != nil {
		return err
	}
	if a.Reinvocation.Again && !round.Wants(h.GetUID()) {
		return nil
	}
	changed, err := h.mutate(request, target)
	h.annotateMutation(a, index, changed)
	if changed {
		round.Changed()
		a.Reinvocation.Wanted = true
	}
	w, _ := h.GetMutatingWebhook()
	if w.ReinvocationPolicy != nil && *w.ReinvocationPolicy == admissionregistrationv1.IfNeededReinvocationPolicy {
		round.Invoked(h.GetUID())
	}
	return h.verdict(a, index, err)
}

func (h *hook) mutate(r *match.Request, target *match.Target) (changed bool, err error) {
	versioned, response, err := h.review(r, target)
	if err != nil || len(response.Patch) == 0 {
		return false, err
	}
	obj := versioned.VersionedObject.Object()
	patched, err := h.patched(obj, response)
	if err != nil || patched == nil {
		return false, err
	}
	changed = !equality.Semantic.DeepEqual(obj, patched)
	return changed, r.Adopt(patched)
}
