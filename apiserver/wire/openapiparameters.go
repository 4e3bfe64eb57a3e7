package wire

import (
	"reflect"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kube-openapi/pkg/common"
)

// parameter is in the path, in the query, or the body.
type parameter struct {
	name, doc, dataType string
	kind                common.ParameterKind
	required            bool
}

func (p parameter) Name() string               { return p.name }
func (p parameter) Description() string        { return p.doc }
func (p parameter) Required() bool             { return p.required }
func (p parameter) Kind() common.ParameterKind { return p.kind }
func (p parameter) DataType() string           { return p.dataType }
func (p parameter) AllowMultiple() bool        { return false }

func inPath(name, doc string) parameter {
	return parameter{name, doc, "string", common.PathParameterKind, true}
}

func query(name, doc, dataType string) parameter {
	return parameter{name, doc, dataType, common.QueryParameterKind, false}
}

// pretty is the query parameter of whatever answers with an object.
var pretty = query("pretty", "If 'true', then the output is pretty printed. Defaults to 'false' unless the user-agent indicates a browser or command-line HTTP tool (curl and wget).", "string")

// optionParameters are the query parameters of a verb.
func optionParameters(op operation, verb string) []common.Parameter {
	if op.options == nil {
		return nil
	}
	params := fieldsAsParameters(op.options)
	if verb == "deletecollection" {
		params = append(params, slices.DeleteFunc(fieldsAsParameters(metav1.ListOptions{}), func(p common.Parameter) bool {
			return p.Name() == "watch" || p.Name() == "allowWatchBookmarks"
		})...)
	}
	return params
}

// fieldsAsParameters makes a query parameter of each plain field of an options
// struct.
func fieldsAsParameters(options any) []common.Parameter {
	var params []common.Parameter
	docs := map[string]string{}
	if d, ok := options.(interface{ SwaggerDoc() map[string]string }); ok {
		docs = d.SwaggerDoc()
	}
	t := reflect.TypeOf(options)
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		dataType := jsonType(t.Field(i).Type)
		if name == "" || dataType == "" {
			continue
		}
		params = append(params, query(name, docs[name], dataType))
	}
	return params
}

// jsonType is empty for what cannot be a query parameter.
func jsonType(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.Int32, reflect.Int64:
		return "integer"
	case reflect.String:
		return "string"
	case reflect.Slice: // which is said of its items: the parameter may repeat
		return jsonType(t.Elem())
	}
	return ""
}
