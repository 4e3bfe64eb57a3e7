package apiserver

import (
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/apiserver/admission"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

// answers is how the door answers for a kind that is computed rather than
// stored. There is a function for each of the kind's verbs, and nil for the
// others. What they return is not looked at again: it belongs to the caller.
type answers struct {
	// create gets an object of the storage version, defaulted and validated.
	create func(c *call, obj kinds.Object) (runtime.Object, error)
	// get returns nil if there is nothing of the request's name.
	get func(c *call, from *store.Snapshot) (kinds.Object, error)
	// list returns all there is in the request's namespace, in key order,
	// before any selector.
	list func(c *call, from *store.Snapshot) ([]kinds.Object, error)
}

// answersFor finds the functions of a computed kind. To serve one, add a line.
func answersFor(gr schema.GroupResource) *answers {
	switch gr {
	case selfSubjectReviews:
		return &answers{create: (*call).answerSelfSubjectReview}
	case componentStatuses:
		return &answers{get: (*call).getComponentStatus, list: (*call).listComponentStatuses}
	case apiServices:
		return &answers{get: (*call).getAPIService, list: (*call).listAPIServices}
	case nodeMetrics:
		return &answers{get: (*call).getNodeMetrics, list: (*call).listNodeMetrics}
	case podMetrics:
		return &answers{get: (*call).getPodMetrics, list: (*call).listPodMetrics}
	case tokenReviews:
		return &answers{create: (*call).answerTokenReview}
	case subjectAccessReviews:
		return &answers{create: (*call).answerSubjectAccessReview}
	case localSubjectAccessReviews:
		return &answers{create: (*call).answerLocalSubjectAccessReview}
	case selfSubjectAccessReviews:
		return &answers{create: (*call).answerSelfSubjectAccessReview}
	case selfSubjectRulesReviews:
		return &answers{create: (*call).answerSelfSubjectRulesReview}
	}
	return nil
}

// answer carries out a request for a computed kind.
func (c *call) answer() error {
	switch {
	case c.req.Subresource != "" && (c.req.Subresource != "status" || c.req.Verb != Get):
	case c.req.Verb == Create && c.answers.create != nil:
		return c.answerCreate()
	case c.req.Verb == Get && c.answers.get != nil:
		return c.answerGet()
	case c.req.Verb == List && c.answers.list != nil:
		return c.answerList()
	}
	return c.methodNotSupported()
}

// answerCreate is for kinds whose objects are questions.
func (c *call) answerCreate() error {
	obj, err := c.body()
	if err != nil {
		return err
	}
	if err := c.ensureNamespace(obj); err != nil {
		return err
	}
	if err := c.admit(admission.Create, obj, nil); err != nil {
		return err
	}
	if c.Validate != nil {
		if errs := c.Validate(obj); len(errs) > 0 {
			// Upstream names these kinds with what is empty when it gets there.
			return apierrors.NewInvalid(schema.GroupKind{Group: c.Group}, "", errs)
		}
	}
	if err := c.validateAdmission(admission.Create, obj, nil); err != nil {
		return err
	}
	c.response.Object, err = c.answers.create(c, obj)
	return err
}

func (c *call) answerGet() error {
	obj, err := c.answers.get(c, c.Store.Snapshot())
	if err != nil {
		return err
	}
	if obj == nil {
		return c.notFound()
	}
	c.response.Object = obj
	return nil
}

// answerList answers with everything that is selected, on one page.
func (c *call) answerList() error {
	opts := c.req.ListOptions
	if opts == nil {
		opts = &metav1.ListOptions{}
	}
	selection, err := c.selection(opts)
	if err != nil {
		return err
	}
	from := c.Store.Snapshot()
	all, err := c.answers.list(c, from)
	if err != nil {
		return err
	}
	if c.GroupResource == apiServices { // the others are measured at the moment, and have no versions
		c.response.Revision = from.Revision()
	}
	for _, obj := range all {
		if selection.Matches(obj) {
			c.response.Items = append(c.response.Items, obj)
		}
	}
	return nil
}
