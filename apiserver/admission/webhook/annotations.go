package webhook

import (
	"encoding/json"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/mutating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/validating"

	"github.com/minik8s/minik8s/apiserver/admission"
	"github.com/minik8s/minik8s/apiserver/admission/match"
)

// annotate tells the audit log what the webhook wants it to know. Keys that are
// not qualified names are dropped.
func (h *hook) annotate(r *match.Request, annotations map[string]string) {
	for key, value := range annotations { // any order: a map is copied
		key = h.GetName() + "/" + key
		if strings.Count(key, "/") == 1 && len(validation.IsQualifiedName(key)) == 0 {
			r.Annotate(key, value)
		}
	}
}

// annotateMutation tells the audit log whether the webhook, the index-th that is
// registered, has changed the object.
//
// Upstream: k8s.io/apiserver/pkg/admission/plugin/webhook/mutating (webhookAnnotator), without the patches themselves, which level Metadata does not show.
func (h *hook) annotateMutation(a *admission.Attributes, index int, mutated bool) {
	value, err := json.Marshal(mutating.MutationAuditAnnotation{Configuration: h.GetConfigurationName(), Webhook: h.GetName(), Mutated: mutated})
	if err == nil {
		a.Annotate(mutating.MutationAuditAnnotationPrefix+place(a, index), string(value))
	}
}

// annotateFailure tells the audit log of a webhook that could not be asked and
// is not needed.
func (h *hook) annotateFailure(a *admission.Attributes, index int) {
	prefix := validating.ValidatingAuditAnnotationFailedOpenKeyPrefix
	if h.mutating {
		prefix = mutating.MutationAuditAnnotationFailedOpenKeyPrefix
	}
	a.Annotate(prefix+place(a, index), h.GetName())
}

func place(a *admission.Attributes, index int) string {
	round := 0
	if a.Reinvocation.Again {
		round = 1
	}
	return fmt.Sprintf("round_%d_index_%d", round, index)
}
