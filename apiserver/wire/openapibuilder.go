package wire

import (
	"encoding/json"
	"fmt"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/version"
	apiopenapi "k8s.io/apiserver/pkg/endpoints/openapi"
	"k8s.io/kube-openapi/pkg/builder"
	"k8s.io/kube-openapi/pkg/builder3"
	"k8s.io/kube-openapi/pkg/common"
	"k8s.io/kube-openapi/pkg/spec3"
	"k8s.io/kube-openapi/pkg/validation/spec"
	generated "k8s.io/kubernetes/pkg/generated/openapi"

	"github.com/minik8s/minik8s/kinds"
)

// openAPIBuilder makes documents from the endpoints and upstream's generated
// schemas. Those are large, so nothing of them outlives a build.
type openAPIBuilder struct {
	endpoints *endpoints
	version   version.Info
}

// etag stands for a document that is not built yet: it depends on nothing but
// what is served and on the program.
func (b openAPIBuilder) etag(format string, groups ...group) string {
	var text strings.Builder
	fmt.Fprintln(&text, format, b.version.GitVersion, programVersion())
	for _, g := range groups {
		for _, v := range g.versions {
			for _, e := range v.endpoints {
				fmt.Fprintln(&text, v.String(), e.path(), e.body, e.verbs)
				if e.kind.Custom != nil {
					fmt.Fprintln(&text, e.kind.Custom.Specification)
				}
			}
		}
	}
	return etagOf([]byte(text.String()))
}

// programVersion tells builds of this program apart, as far as it knows them.
func programVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	text := info.Main.Version + info.Main.Sum
	for _, d := range info.Deps {
		if strings.HasPrefix(d.Path, "k8s.io/") {
			text += " " + d.Path + d.Version
		}
	}
	return text
}

var (
	defaultResponse = "Default Response."
	unauthorized    = "Unauthorized"
	bearerToken     = spec.SecuritySchemeProps{Type: "apiKey", Name: "authorization", In: "header", Description: "Bearer Token authentication"}
)

func (b openAPIBuilder) info() *spec.Info {
	return &spec.Info{InfoProps: spec.InfoProps{Title: "Kubernetes", Version: b.version.Major + "." + b.version.Minor}}
}

// v3 is the document of one group version.
func (b openAPIBuilder) v3(v groupVersion) ([]byte, error) {
	document, err := b.v3Of(newRoutes(v))
	if err != nil {
		return nil, err
	}
	keepOwnKinds(document, v.GroupVersion)
	if document, err = withCustomV3(document, v); err != nil {
		return nil, err
	}
	return json.Marshal(document)
}

// v3Index is the document of a path that is no group version's.
func (b openAPIBuilder) v3Index(c *routes) ([]byte, error) {
	document, err := b.v3Of(c)
	if err != nil {
		return nil, err
	}
	return json.Marshal(document)
}

func (b openAPIBuilder) v3Of(c *routes) (*spec3.OpenAPI, error) {
	names := apiopenapi.NewDefinitionNamer(kinds.Scheme())
	return builder3.BuildOpenAPISpecFromRoutes([]common.RouteContainer{c}, &common.OpenAPIV3Config{
		Info:            b.info(),
		DefaultResponse: &spec3.Response{ResponseProps: spec3.ResponseProps{Description: defaultResponse}},
		CommonResponses: map[int]*spec3.Response{401: {ResponseProps: spec3.ResponseProps{Description: unauthorized}}},
		SecuritySchemes: spec3.SecuritySchemes{"BearerToken": {SecuritySchemeProps: spec3.SecuritySchemeProps{
			Type: bearerToken.Type, Name: bearerToken.Name, In: bearerToken.In, Description: bearerToken.Description,
		}}},
		DefaultSecurity:                []map[string][]string{{"BearerToken": {}}},
		GetDefinitions:                 generated.GetOpenAPIDefinitions,
		GetDefinitionName:              names.GetDefinitionName,
		GetOperationIDAndTagsFromRoute: idAndTags,
	})
}

// keepOwnKinds leaves of the kinds that are known in each group version, those
// of a watch and of a deletion, the document's own and the first.
//
// Upstream: k8s.io/apiserver/pkg/server/routes (filterScopedGVKs), complete.
func keepOwnKinds(document *spec3.OpenAPI, gv schema.GroupVersion) {
	const extension = "x-kubernetes-group-version-kind"
	for _, t := range []any{metav1.WatchEvent{}, metav1.DeleteOptions{}} {
		s := document.Components.Schemas["io.k8s.apimachinery.pkg.apis.meta.v1."+reflect.TypeOf(t).Name()]
		if s == nil {
			continue
		}
		all, _ := s.Extensions[extension].([]any)
		s.Extensions[extension] = slices.DeleteFunc(slices.Clone(all), func(kind any) bool {
			of, _ := kind.(map[string]any)
			own := schema.GroupVersion{Group: of["group"].(string), Version: of["version"].(string)}
			return own != gv && own != schema.GroupVersion{Version: "v1"}
		})
	}
}

// v2 is the one document of all groups.
func (b openAPIBuilder) v2() ([]byte, error) {
	names := apiopenapi.NewDefinitionNamer(kinds.Scheme())
	var containers []common.RouteContainer
	for _, c := range indexRoutes(b.endpoints.groups) {
		containers = append(containers, c)
	}
	for _, g := range b.endpoints.groups {
		for _, v := range g.versions {
			containers = append(containers, newRoutes(v))
		}
	}
	document, err := builder.BuildOpenAPISpecFromRoutes(containers, &common.Config{
		ProtocolList:                   []string{"https"},
		Info:                           b.info(),
		DefaultResponse:                &spec.Response{ResponseProps: spec.ResponseProps{Description: defaultResponse}},
		CommonResponses:                map[int]spec.Response{401: {ResponseProps: spec.ResponseProps{Description: unauthorized}}},
		SecurityDefinitions:            &spec.SecurityDefinitions{"BearerToken": {SecuritySchemeProps: bearerToken}},
		DefaultSecurity:                []map[string][]string{{"BearerToken": {}}},
		GetDefinitions:                 generated.GetOpenAPIDefinitions,
		GetDefinitionName:              names.GetDefinitionName,
		GetOperationIDAndTagsFromRoute: idAndTags,
	})
	if err != nil {
		return nil, err
	}
	if document, err = withCustomV2(document, b.endpoints); err != nil {
		return nil, err
	}
	for name, definition := range document.Definitions {
		dropDefaults(&definition)
		document.Definitions[name] = definition
	}
	return json.Marshal(document)
}

// dropDefaults takes the defaults out of a schema, as upstream does for v2:
// old kubectls cannot read one beside a reference.
func dropDefaults(schema *spec.Schema) {
	schema.Default = nil
	for name, property := range schema.Properties {
		dropDefaults(&property)
		schema.Properties[name] = property
	}
	if schema.Items != nil && schema.Items.Schema != nil {
		dropDefaults(schema.Items.Schema)
	}
	if schema.AdditionalProperties != nil && schema.AdditionalProperties.Schema != nil {
		dropDefaults(schema.AdditionalProperties.Schema)
	}
	for i := range schema.AllOf {
		dropDefaults(&schema.AllOf[i])
	}
}

func idAndTags(r common.Route) (string, []string, error) {
	own, ok := r.(*route)
	if !ok {
		return "", nil, fmt.Errorf("not a route of ours: %T", r)
	}
	return own.id, []string{own.tag}, nil
}
