package webhook

import (
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/sets"

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
		round := roundOf(a)
		for _, h := range about {
			if err := round.ask(a, h); err != nil {
				return err
			}
		}
		round.end(a)
		return nil
	}}
}

// rounds is what the second round has to know of the first.
type rounds struct {
	// invoked are the webhooks that want another call if the object changes
	// after theirs, and again those of them that get it.
	invoked, again sets.Set[string]
	// left is the object as the last round has left it.
	left runtime.Object
}

func roundOf(a *admission.Attributes) *rounds {
	before, ok := a.Reinvocation.Kept[mutatingName].(*rounds)
	if !ok {
		r := &rounds{invoked: sets.New[string](), again: sets.New[string]()}
		if a.Reinvocation.Kept == nil {
			a.Reinvocation.Kept = map[string]any{}
		}
		a.Reinvocation.Kept[mutatingName] = r
		return r
	}
	if a.Reinvocation.Again && !equality.Semantic.DeepEqual(before.left, a.Object) {
		before.changed() // the other plugins' second round did
	}
	return before
}

// changed: whoever has been asked before has seen another object.
func (r *rounds) changed() {
	r.again = r.again.Union(r.invoked)
	r.invoked = sets.New[string]()
}

func (r *rounds) end(a *admission.Attributes) {
	r.left = nil
	if a.Object != nil {
		r.left = a.Object.DeepCopyObject()
	}
}

// ask asks one webhook and puts what it makes of the object in its place. In
// the second round no webhook is asked for the first time.
func (r *rounds) ask(a *admission.Attributes, h *hook) error {
	request := match.Of(a)
	target, err := h.target(request)
	if target == nil || err != nil {
		return err
	}
	if a.Reinvocation.Again && !r.again.Has(h.GetUID()) {
		return nil
	}
	changed, err := h.mutate(request, target)
	if changed {
		r.changed()
		a.Reinvocation.Wanted = true
	}
	w, _ := h.GetMutatingWebhook()
	if w.ReinvocationPolicy != nil && *w.ReinvocationPolicy == admissionregistrationv1.IfNeededReinvocationPolicy {
		r.invoked.Insert(h.GetUID())
	}
	return h.verdict(err)
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
