package apiserver

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"

	"github.com/minik8s/minik8s/kinds"
)

// customFieldManager is upstream's for custom resources, which knows lists
// from their definition.
func (c *call) customFieldManager() (*managedfields.FieldManager, error) {
	schemas, err := c.Custom.FieldSchemas()
	if err != nil {
		return nil, err
	}
	versions := customVersions{c.Custom}
	return managedfields.NewDefaultCRDFieldManager(schemas, versions, versions, versions, c.GroupVersionKind, c.GroupVersion(), c.req.Subresource, c.resetFields())
}

// customVersions is how upstream's field manager makes, fills in and converts
// custom resources.
type customVersions struct{ *kinds.Custom }

// New implements runtime.ObjectCreater.
func (customVersions) New(gvk schema.GroupVersionKind) (runtime.Object, error) {
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(gvk)
	return u, nil
}

// Default implements runtime.ObjectDefaulter.
func (v customVersions) Default(in runtime.Object) {
	u := in.(*unstructured.Unstructured)
	if k := v.Version(u.GroupVersionKind().Version); k != nil {
		k.Default(u)
	}
}

// ConvertToVersion implements runtime.ObjectConvertor.
func (v customVersions) ConvertToVersion(in runtime.Object, to runtime.GroupVersioner) (runtime.Object, error) {
	gv, ok := to.(schema.GroupVersion)
	if !ok {
		return nil, fmt.Errorf("converting to %s: not one version", to.Identifier())
	}
	return v.Custom.Convert(in.(*unstructured.Unstructured), gv)
}

// Convert implements runtime.ObjectConvertor. The field manager only converts
// to versions.
func (customVersions) Convert(in, _, _ any) error {
	return fmt.Errorf("converting a %T: not to a version", in)
}

// ConvertFieldLabel implements runtime.ObjectConvertor.
func (v customVersions) ConvertFieldLabel(_ schema.GroupVersionKind, name, value string) (string, string, error) {
	if !v.SelectableField(name) {
		return "", "", fmt.Errorf("field label not supported: %s", name)
	}
	return name, value, nil
}
