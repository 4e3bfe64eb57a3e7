package kinds

import (
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/kube-openapi/pkg/spec3"
	"k8s.io/kube-openapi/pkg/validation/spec"
)

// WebhookConverter has a definition's webhook convert objects, none of which
// is of the version already. It does not change them; the results are new
// ones, in the same order.
type WebhookConverter func(crd *apiextensionsv1.CustomResourceDefinition, objects []*unstructured.Unstructured, to schema.GroupVersion) ([]*unstructured.Unstructured, error)

// Custom is what takes the place of a Go type for a kind that a
// CustomResourceDefinition defines. All objects of such kinds are
// *unstructured.Unstructured.
//
// There is a Kind for each version of a definition, because each has a schema
// and rules of its own. The Kind's functions are given objects of its version;
// only the store holds the storage version, which FromStorage and ToStorage
// lead from and to. A Kind's Versions are the other served ones.
type Custom struct {
	// ListKind is the kind of a list of the objects.
	ListKind string
	// Served says whether clients may use the version. Discovered says that
	// they are told of it, which comes a moment later.
	Served, Discovered bool
	// Specification identifies what the definition says: the same text, the
	// same kinds.
	Specification string
	// Storage is what the objects are stored as.
	Storage schema.GroupVersionKind
	// Version returns the Kind for another version of the definition, served
	// or not, or nil.
	Version func(version string) *Kind
	// Terminating says that the definition is being deleted: nothing can be
	// created any more.
	Terminating bool
	// Deprecated is what clients of the version are warned of, or empty.
	Deprecated string

	// Coerce does what decoding into a Go type does for other kinds: it drops
	// the fields that the schema does not have, and nulls where there can be
	// none. It changes u. If asked to report, it names what it dropped, as in
	// "spec.replica". The error says what is no object of any kind.
	Coerce func(u *unstructured.Unstructured, report bool) (dropped []string, err error)
	// CoerceMetadata does that to the metadata alone.
	CoerceMetadata func(u *unstructured.Unstructured) error
	// Asking is this Kind with objects that go from one version to another
	// by way of a webhook. It is nil if the definition has none; otherwise
	// the functions of a Kind that was not made by Asking refuse to convert.
	Asking func(WebhookConverter) *Kind
	// FromStorage is stored objects, which are frozen, as the schemas of today
	// see them, in this Kind's version. The results are frozen too.
	FromStorage func(stored ...Object) ([]Object, error)
	// ToStorage is an object of this Kind's version as it is stored.
	ToStorage func(Object) (Object, error)
	// Convert is an object of any version in another one.
	Convert func(obj *unstructured.Unstructured, to schema.GroupVersion) (*unstructured.Unstructured, error)
	// SelectableField says whether field selectors may use a field.
	SelectableField func(name string) bool
	// Table prints objects.
	Table func([]Object, TableOptions) *metav1.Table

	// FieldSchemas says which lists are sets or maps, in any version.
	FieldSchemas func() (managedfields.TypeConverter, error)
	// OpenAPIV2 and OpenAPIV3 describe the version.
	OpenAPIV2 func() (*spec.Swagger, error)
	OpenAPIV3 func() (*spec3.OpenAPI, error)
}
