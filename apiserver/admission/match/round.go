package match

import (
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/minik8s/minik8s/apiserver/admission"
)

// Round is what the second round of a mutating plugin has to know of the
// first.
//
// Upstream: k8s.io/apiserver/pkg/admission/plugin/webhook/mutating (webhookReinvokeContext), complete.
type Round struct {
	// invoked are those that want another turn if the object changes after
	// theirs, and again those of them that get it.
	invoked, again sets.Set[string]
	// left is the object as the last round has left it.
	left runtime.Object
}

// RoundOf is the round that a plugin begins.
func RoundOf(a *admission.Attributes, plugin string) *Round {
	before, ok := a.Reinvocation.Kept[plugin].(*Round)
	if !ok {
		r := &Round{invoked: sets.New[string](), again: sets.New[string]()}
		if a.Reinvocation.Kept == nil {
			a.Reinvocation.Kept = map[string]any{}
		}
		a.Reinvocation.Kept[plugin] = r
		return r
	}
	if a.Reinvocation.Again && !equality.Semantic.DeepEqual(before.left, a.Object) {
		before.Changed() // the second round of other plugins did it
	}
	return before
}

// Changed: whoever had a turn before has seen another object.
func (r *Round) Changed() {
	r.again = r.again.Union(r.invoked)
	r.invoked = sets.New[string]()
}

// Invoked: this one wants another turn if the object changes.
func (r *Round) Invoked(key string) { r.invoked.Insert(key) }

// Wants says whether this one has a turn in the second round.
func (r *Round) Wants(key string) bool { return r.again.Has(key) }

// End remembers how the plugin leaves the object.
func (r *Round) End(a *admission.Attributes) {
	r.left = nil
	if a.Object != nil {
		r.left = a.Object.DeepCopyObject()
	}
}
