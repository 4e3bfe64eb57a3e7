package custom

import (
	"fmt"
	"sync"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	schemavalidation "k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// compiled is what a definition's specification and accepted names come to.
// Its parts are made when they are first needed: many definitions of a world
// only ever show up in discovery.
type compiled struct {
	// crd has what was compiled; its status may be an old one. It is a copy:
	// it does not keep the stored definition.
	crd      *Definition
	versions map[string]*version
	storage  string // the version
	// specification tells the definition from others, and from itself with
	// another specification.
	specification string

	fieldSchemas func() (managedfields.TypeConverter, error)
}

// version is one version of a definition.
type version struct {
	*compiled
	*apiextensionsv1.CustomResourceDefinitionVersion
	schema func() *structuralschema.Structural
	rules  func() *rules
	table  func() *table
	fields func() []selectableField
}

// rules are what objects are validated by.
type rules struct {
	object, status schemavalidation.SchemaValidator
	cel            *cel.Validator // nil if there are no CEL rules
}

func compile(crd *Definition) *compiled {
	c := &compiled{crd: crd.DeepCopy(), versions: map[string]*version{}}
	c.specification = fmt.Sprintf("%s %d %v", crd.UID, crd.Generation, crd.Status.AcceptedNames)
	c.fieldSchemas = sync.OnceValues(c.buildFieldSchemas)
	for i := range c.crd.Spec.Versions {
		v := &version{compiled: c, CustomResourceDefinitionVersion: &c.crd.Spec.Versions[i]}
		v.schema = sync.OnceValue(v.structural)
		v.rules = sync.OnceValue(v.compileRules)
		v.table = sync.OnceValue(v.newTable)
		v.fields = sync.OnceValue(v.selectableFields)
		c.versions[v.Name] = v
		if v.Storage {
			c.storage = v.Name
		}
	}
	return c
}

func (v *version) groupVersion() schema.GroupVersion {
	return schema.GroupVersion{Group: v.crd.Spec.Group, Version: v.Name}
}

func (v *version) kind() schema.GroupVersionKind {
	return v.groupVersion().WithKind(v.crd.Status.AcceptedNames.Kind)
}

func (v *version) namespaced() bool {
	return v.crd.Spec.Scope == apiextensionsv1.NamespaceScoped
}

func (v *version) hasStatus() bool { return v.Subresources != nil && v.Subresources.Status != nil }

// scale is nil if the version has no scale subresource.
func (v *version) scale() *apiextensionsv1.CustomResourceSubresourceScale {
	if v.Subresources == nil {
		return nil
	}
	return v.Subresources.Scale
}

// internalSchema is the schema in the form that upstream's rules want.
func (v *version) internalSchema() *apiextensions.JSONSchemaProps {
	if v.Schema == nil || v.Schema.OpenAPIV3Schema == nil {
		return nil
	}
	var in apiextensions.CustomResourceValidation
	must(apiextensionsv1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(v.Schema, &in, nil))
	return in.OpenAPIV3Schema
}

// structural is the schema as pruning and defaulting want it.
func (v *version) structural() *structuralschema.Structural {
	s, err := structuralschema.NewStructural(v.internalSchema())
	must(err)
	s = s.DeepCopy() // it shares its defaults with the definition
	must(defaulting.PruneDefaults(s))
	return s
}

// compileRules compiles CEL programs among others, which takes milliseconds.
func (v *version) compileRules() *rules {
	in := v.internalSchema()
	var r rules
	var err error
	r.object, _, err = schemavalidation.NewSchemaValidator(in)
	must(err)
	if in != nil && v.hasStatus() {
		if status, ok := in.Properties["status"]; ok {
			r.status, _, err = schemavalidation.NewSchemaValidator(&status)
			must(err)
		}
	}
	r.cel = cel.NewValidator(v.schema(), true, celconfig.PerCallLimit)
	return &r
}

// must is for what cannot fail, because the definition is valid.
func must(err error) {
	if err != nil {
		panic(fmt.Errorf("compiling a CustomResourceDefinition: %w", err))
	}
}
