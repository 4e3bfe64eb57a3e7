package apiserver

import (
	"iter"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/apiserver/conversion"
	"github.com/minik8s/minik8s/apiserver/outside"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

// conversions are how one request, or one watch, has custom resources
// converted by the webhook of their definition.
type conversions struct {
	store *store.Store
	ask   func(outside.Question) (outside.Answer, error)
	// unanswered is why the request cannot go on, nil while it can. Upstream's
	// field manager does not hand errors of conversions on as they are.
	unanswered error
	// known are stored objects in the version of the request.
	known map[*store.Object]kinds.Object
}

// convertOutside lets the call ask the webhook of the kind, if it has one.
func (c *call) convertOutside() {
	if c.Custom == nil || c.Custom.Asking == nil {
		return
	}
	answers := c.req.Answers // a Selection may outlive the call
	c.conversions = &conversions{store: c.Store, ask: func(q outside.Question) (outside.Answer, error) { return among(answers, q) }}
	c.Kind = c.Custom.Asking(c.conversions.convert) // the resource is the call's own
}

// convertsOutside says whether requests about a resource may have to ask a
// conversion webhook.
func (s *Server) convertsOutside(gr schema.GroupResource) bool {
	if _, builtIn := s.resources[gr]; builtIn {
		return false
	}
	k, ok := s.World().ByResource(gr)
	return ok && k.Custom != nil && k.Custom.Asking != nil
}

// convert is a kinds.WebhookConverter.
func (c *conversions) convert(crd *apiextensionsv1.CustomResourceDefinition, objects []*unstructured.Unstructured, to schema.GroupVersion) ([]*unstructured.Unstructured, error) {
	review := conversion.NewReview(crd, objects, to)
	question, err := review.Question(snapshotWorld{c.store.Snapshot()})
	if err != nil {
		return nil, err
	}
	answer, err := c.ask(*question)
	if err != nil {
		c.unanswered = err
		return nil, err
	}
	return review.Objects(answer)
}

// stop is the error of a call that met a question, whatever came of it.
func (c *call) stop(err error) error {
	if c.conversions != nil && c.conversions.unanswered != nil {
		return c.conversions.unanswered
	}
	return err
}

// convertListed converts the objects that a list is going to look at, so that
// the webhook is asked once. Without a selector those are the first ones;
// what a selector would say of an object is only known of a converted one.
func (c *call) convertListed(from listing, selection Selection, limit int64) error {
	if c.conversions == nil {
		return nil
	}
	var stored []*store.Object
	var objects []kinds.Object
	for o := range from.objects {
		if limit > 0 && int64(len(stored)) == limit && selection.isEverything() {
			break
		}
		stored = append(stored, o)
		objects = append(objects, o.Value.(kinds.Object))
	}
	converted, err := c.Custom.FromStorage(objects...)
	if err != nil {
		return err
	}
	c.conversions.known = make(map[*store.Object]kinds.Object, len(stored))
	for i, o := range stored {
		c.conversions.known[o] = converted[i]
	}
	return nil
}

// Asking is the selection with webhooks that are asked at once, by whoever may
// wait for them: a watch.
func (s Selection) Asking(st *store.Store, ask func(outside.Question) outside.Answer) Selection {
	if s.kind.Custom == nil || s.kind.Custom.Asking == nil {
		return s
	}
	c := &conversions{store: st, ask: func(q outside.Question) (outside.Answer, error) { return ask(q), nil }}
	s.kind = s.kind.Custom.Asking(c.convert)
	return s
}

// snapshotWorld is where webhooks behind Services are looked up.
type snapshotWorld struct{ *store.Snapshot }

// Get implements outside.World.
func (w snapshotWorld) Get(gr schema.GroupResource, namespace, name string) kinds.Object {
	if stored := w.Snapshot.Get(gr, namespace, name); stored != nil {
		return stored.Value.(kinds.Object)
	}
	return nil
}

// List implements outside.World.
func (w snapshotWorld) List(gr schema.GroupResource, namespace string) iter.Seq[kinds.Object] {
	return func(yield func(kinds.Object) bool) {
		for o := range w.Snapshot.List(gr, namespace) {
			if !yield(o.Value.(kinds.Object)) {
				return
			}
		}
	}
}
