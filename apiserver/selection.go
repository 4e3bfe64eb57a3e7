package apiserver

import (
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/kinds"
)

// Selection is the set of objects that a list, a watch or a deletecollection
// is about.
type Selection struct {
	Resource  schema.GroupResource
	Namespace string // empty for all
	Labels    labels.Selector
	Fields    fields.Selector

	kind *kinds.Kind
}

// Select reads the selectors of a request for a watch. Errors are
// *apierrors.StatusError.
func (s *Server) Select(req Request) (Selection, error) {
	req.Verb = Watch
	c := s.takeCall(req)
	defer s.giveBack(c)
	if err := c.begin(); err != nil {
		return Selection{}, err
	}
	opts := req.ListOptions
	if opts == nil {
		opts = &metav1.ListOptions{}
	}
	return c.selection(opts)
}

func (c *call) selection(opts *metav1.ListOptions) (Selection, error) {
	sel := Selection{
		Resource:  c.GroupResource,
		Namespace: c.req.Namespace,
		Labels:    labels.Everything(),
		Fields:    fields.Everything(),
		kind:      c.Kind,
	}
	var err error
	if opts.LabelSelector != "" {
		if sel.Labels, err = labels.Parse(opts.LabelSelector); err != nil {
			return sel, apierrors.NewBadRequest(err.Error())
		}
	}
	if opts.FieldSelector != "" {
		if sel.Fields, err = c.parseFields(opts.FieldSelector); err != nil {
			return sel, apierrors.NewBadRequest(err.Error())
		}
		if ns, ok := sel.Fields.RequiresExactMatch("metadata.namespace"); ok && sel.Namespace == "" && c.Namespaced {
			sel.Namespace = ns
		}
	}
	return sel, nil
}

// parseFields reads a field selector. A kind's version decides which names it
// knows; some are old names for others.
func (c *call) parseFields(text string) (fields.Selector, error) {
	selector, err := fields.ParseSelector(text)
	if err != nil {
		return nil, err
	}
	return selector.Transform(func(name, value string) (string, string, error) {
		if c.Custom != nil {
			return customVersions{c.Custom}.ConvertFieldLabel(c.GroupVersionKind, name, value)
		}
		if c.Internal {
			return runtime.DefaultMetaV1FieldSelectorConversion(name, value)
		}
		gvk := c.GroupVersionKind
		if gv := c.req.Resource.GroupVersion(); gv.Version != "" {
			gvk = gv.WithKind(gvk.Kind)
		}
		return kinds.Scheme().ConvertFieldLabel(gvk, name, value)
	})
}

func (s Selection) isEverything() bool { return s.Labels.Empty() && s.Fields.Empty() }

// Matches says whether an object of the selection's resource and namespace
// passes its selectors.
func (s Selection) Matches(obj kinds.Object) bool {
	if !s.Labels.Empty() && !s.Labels.Matches(labels.Set(obj.GetLabels())) {
		return false
	}
	return s.Fields.Empty() || s.Fields.Matches(fieldsOf{obj, s.kind})
}

// fieldsOf looks a field's value up only when a selector asks for it.
type fieldsOf struct {
	kinds.Object
	kind *kinds.Kind
}

func (f fieldsOf) Has(name string) bool {
	if name == "metadata.name" || name == "metadata.namespace" {
		return true
	}
	return f.kind.Fields != nil && f.kind.Fields(f.Object).Has(name)
}

func (f fieldsOf) Get(name string) string {
	switch name {
	case "metadata.name":
		return f.GetName()
	case "metadata.namespace":
		return f.GetNamespace()
	}
	if f.kind.Fields == nil {
		return ""
	}
	return f.kind.Fields(f.Object).Get(name)
}
