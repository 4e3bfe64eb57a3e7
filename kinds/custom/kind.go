package custom

import (
	"fmt"
	"slices"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	apimachineryversion "k8s.io/apimachinery/pkg/version"

	"github.com/minik8s/minik8s/kinds"
)

// kindOf returns a definition's kind in its storage version, which leads to
// the others.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver (getOrCreateServingInfoFor), without the two seconds that the first creation after a definition is established waits for other API servers.
func kindOf(c *compiled, crd *Definition) *kinds.Kind {
	revision := revisionOf(crd)
	all := map[string]*kinds.Kind{}
	for i := range c.crd.Spec.Versions {
		v := c.versions[c.crd.Spec.Versions[i].Name]
		k := v.newKind(revision)
		k.Custom.Discovered = v.Served && isTrue(crd, apiextensionsv1.Established)
		k.Custom.Terminating = crd.DeletionTimestamp != nil || isTrue(crd, apiextensionsv1.Terminating)
		k.Custom.Version = func(name string) *kinds.Kind { return all[name] }
		all[v.Name] = k
	}
	return all[c.storage]
}

// newKind is the kind of one version. revision is that of the definition.
func (v *version) newKind(revision int64) *kinds.Kind {
	names := v.crd.Status.AcceptedNames
	k := &kinds.Kind{
		GroupVersionKind: v.kind(),
		Resource:         names.Plural,
		Singular:         names.Singular,
		ShortNames:       names.ShortNames,
		Categories:       names.Categories,
		Namespaced:       v.namespaced(),
		Versions:         v.otherServed(),

		New:     func() kinds.Object { return v.newObject() },
		Default: v.applyDefaults,

		PrepareCreate:  v.prepareCreate,
		PrepareUpdate:  v.prepareUpdate,
		Validate:       v.validate,
		ValidateUpdate: v.validateUpdate,
		Warnings:       finalizerWarnings,

		Fields:     v.fieldValues,
		FieldNames: v.fieldNames(),
		Custom: &kinds.Custom{
			ListKind:        names.ListKind,
			Served:          v.Served,
			Specification:   v.specification,
			Storage:         v.versions[v.storage].kind(),
			Deprecated:      v.deprecation(),
			Coerce:          v.coerce,
			CoerceMetadata:  v.coerceMetadata,
			SelectableField: v.isSelectable,
			Table:           func(all []kinds.Object, o kinds.TableOptions) *metav1.Table { return v.table().of(all, o) },
			FieldSchemas:    v.fieldSchemas,
			OpenAPIV2:       v.openAPIV2,
			OpenAPIV3:       v.openAPIV3,
		},
	}
	v.newConversion(revision, nil).into(k.Custom)
	if v.asksWebhook() {
		k.Custom.Asking = func(webhook kinds.WebhookConverter) *kinds.Kind {
			asking, custom := *k, *k.Custom
			v.newConversion(revision, webhook).into(&custom)
			asking.Custom = &custom
			return &asking
		}
	}
	if v.hasStatus() {
		k.Status = &kinds.Subresource{PrepareUpdate: v.prepareStatusUpdate, ValidateUpdate: v.validateStatusUpdate, ResetFields: []string{"spec", "metadata"}}
	}
	if v.scale() != nil {
		k.Scale = v.newScale()
	}
	return k
}

func (v *version) newObject() *unstructured.Unstructured {
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(v.kind())
	return u
}

// otherServed are the served versions besides this one, best first.
func (v *version) otherServed() []string {
	var all []string
	for _, other := range v.crd.Spec.Versions {
		if other.Served && other.Name != v.Name {
			all = append(all, other.Name)
		}
	}
	slices.SortFunc(all, func(a, b string) int { return apimachineryversion.CompareKubeAwareVersionStrings(b, a) })
	return all
}

// deprecation is what clients of the version are warned of: what the author
// says or, by default, which version to use instead.
func (v *version) deprecation() string {
	if !v.Deprecated {
		return ""
	}
	if v.DeprecationWarning != nil {
		return *v.DeprecationWarning
	}
	spec := v.crd.Spec
	text := fmt.Sprintf("%s/%s %s is deprecated", spec.Group, v.Name, spec.Names.Kind)
	for _, better := range v.otherServed() {
		if !v.versions[better].Deprecated && apimachineryversion.CompareKubeAwareVersionStrings(v.Name, better) < 0 {
			return text + fmt.Sprintf("; use %s/%s %s", spec.Group, better, spec.Names.Kind)
		}
	}
	return text
}
