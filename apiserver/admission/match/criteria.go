package match

import (
	"slices"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	upstream "k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/predicates/rules"

	"github.com/minik8s/minik8s/apiserver/admission"
)

var namespaces = schema.GroupResource{Resource: "namespaces"}

// Rule is a rule of a webhook (without names) or of a policy.
type Rule = admissionregistrationv1.NamedRuleWithOperations

// Criteria are which requests something is about.
type Criteria struct {
	namespaces, objects labels.Selector
	invalid             error // why there are no selectors
	rules, except       []Rule
	equivalent          bool
	everything          bool // without rules, all is matched
}

// NewCriteria reads the criteria of a webhook. Selectors that cannot be read
// are an error of the requests that the rules match.
func NewCriteria(rules []Rule, policy *admissionregistrationv1.MatchPolicyType, namespaces, objects *metav1.LabelSelector) *Criteria {
	c := &Criteria{rules: rules, equivalent: policy != nil && *policy == admissionregistrationv1.Equivalent}
	var err error
	if c.namespaces, err = metav1.LabelSelectorAsSelector(namespaces); err != nil {
		c.invalid = apierrors.NewInternalError(err)
	}
	if c.objects, err = metav1.LabelSelectorAsSelector(objects); err != nil {
		c.invalid = apierrors.NewInternalError(err)
	}
	return c
}

// NewResources reads the criteria of a policy or of a binding.
func NewResources(m *admissionregistrationv1.MatchResources) *Criteria {
	c := NewCriteria(m.ResourceRules, m.MatchPolicy, m.NamespaceSelector, m.ObjectSelector)
	c.except, c.everything = m.ExcludeResourceRules, len(m.ResourceRules) == 0
	return c
}

// Target is a resource and kind in which a request is shown: those of the
// request, or equivalent ones.
type Target struct {
	Resource schema.GroupVersionResource
	Kind     schema.GroupVersionKind
}

// Match returns nil if the request is none of the criteria's business.
//
// Upstream: k8s.io/apiserver/pkg/admission/plugin/policy/matching (Matches) and plugin/webhook/generic (ShouldCallHook).
func (r *Request) Match(c *Criteria) (*Target, error) {
	selected, broken := r.selected(c)
	if !selected && broken == nil {
		return nil, nil
	}
	if excluded := r.find(c.except, c.equivalent); excluded != nil {
		return nil, nil
	}
	target := &Target{r.Resource, r.Kind}
	if !c.everything {
		target = r.find(c.rules, c.equivalent)
	}
	if target == nil {
		return nil, nil
	}
	return target, broken
}

// find returns the resource that the first matching rule names.
func (r *Request) find(list []Rule, equivalent bool) *Target {
	for i := range list {
		if r.obeys(&list[i], r.Resource) {
			return &Target{r.Resource, r.Kind}
		}
	}
	if !equivalent || len(list) == 0 {
		return nil
	}
	for i := range list {
		for _, other := range r.Equivalents() {
			if other != r.Resource && r.obeys(&list[i], other) {
				return &Target{other, r.kindIn(other)}
			}
		}
	}
	return nil
}

// kindIn is the request's kind in another version of its resource. A scale is
// a scale under any of them.
func (r *Request) kindIn(other schema.GroupVersionResource) schema.GroupVersionKind {
	if r.Kind.GroupVersion() != r.Resource.GroupVersion() {
		return r.Kind
	}
	return other.GroupVersion().WithKind(r.Kind.Kind)
}

func (r *Request) obeys(rule *Rule, resource schema.GroupVersionResource) bool {
	m := rules.Matcher{Rule: rule.RuleWithOperations, Attr: asResource{r.record, resource}}
	return m.Matches() && (len(rule.ResourceNames) == 0 || slices.Contains(rule.ResourceNames, r.Name))
}

// asResource is a request as if it were for an equivalent resource.
type asResource struct {
	upstream.Attributes
	resource schema.GroupVersionResource
}

func (a asResource) GetResource() schema.GroupVersionResource { return a.resource }

// selected asks the selectors.
func (r *Request) selected(c *Criteria) (bool, error) {
	if c.invalid != nil {
		return false, c.invalid
	}
	ok, err := r.inNamespace(c.namespaces)
	if !ok && err == nil {
		return false, nil
	}
	if !c.objects.Empty() && !labelled(r.Object, c.objects) && !labelled(r.OldObject, c.objects) {
		return false, nil
	}
	return ok, err
}

func (r *Request) inNamespace(s labels.Selector) (bool, error) {
	name := r.record.GetNamespace()
	isNamespace := r.Resource.Resource == namespaces.Resource
	if s.Empty() || name == "" && !isNamespace {
		return true, nil // nothing selects what is in no namespace
	}
	if isNamespace && r.Subresource == "" && (r.Operation == admission.Create || r.Operation == admission.Update) {
		return labelled(r.Object, s), nil
	}
	ns := r.Get(namespaces, "", name)
	if ns == nil {
		return false, apierrors.NewNotFound(namespaces, name)
	}
	return s.Matches(labels.Set(ns.GetLabels())), nil
}

func labelled(obj runtime.Object, s labels.Selector) bool {
	if obj == nil {
		return false
	}
	o, err := meta.Accessor(obj)
	return err == nil && s.Matches(labels.Set(o.GetLabels()))
}
