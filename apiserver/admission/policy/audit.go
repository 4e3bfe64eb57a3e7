package policy

import (
	"encoding/json"
	"slices"
	"strings"

	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"

	"github.com/minik8s/minik8s/apiserver/admission/match"
)

// audited is what policies have to say to the audit log.
//
// Upstream: k8s.io/apiserver/pkg/admission/plugin/policy/validating (auditAnnotationCollector, publishValidationFailureAnnotations), complete.
type audited struct {
	// failures are those of bindings with the action Audit, of all policies.
	failures []validating.ValidationFailureValue
	// annotations are those of the policy at hand, in order.
	annotations []annotation
}

type annotation struct {
	key    string
	values []string
}

// What goes into the log is bounded: the failures, and the bytes of a value.
const (
	maxFailures = 50
	maxValue    = 10 * 1024
)

// add takes one annotation of one binding. The same value twice is one.
func (a *audited) add(key, value string) {
	value = value[:min(len(value), maxValue)]
	i := slices.IndexFunc(a.annotations, func(known annotation) bool { return known.key == key })
	switch {
	case i < 0:
		a.annotations = append(a.annotations, annotation{key, []string{value}})
	case !slices.Contains(a.annotations[i].values, value):
		a.annotations[i].values = append(a.annotations[i].values, value)
	}
}

// publish tells what a policy has had to say.
func (a *audited) publish(r *match.Request, policy string) {
	for _, one := range a.annotations {
		r.Annotate(policy+"/"+one.key, strings.Join(one.values, ", "))
	}
	a.annotations = nil
}

func (a *audited) publishFailures(r *match.Request) {
	if len(a.failures) == 0 {
		return
	}
	if value, err := json.Marshal(a.failures[:min(len(a.failures), maxFailures)]); err == nil {
		r.Annotate("validation.policy.admission.k8s.io/validation_failure", string(value))
	}
}
