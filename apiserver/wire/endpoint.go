package wire

import (
	"cmp"
	"slices"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	upstream "k8s.io/apiserver/pkg/endpoints/deprecation"

	"github.com/minik8s/minik8s/kinds"
)

// endpoint is one resource or subresource in one served version. Router,
// discovery and OpenAPI all read the same endpoints, so they cannot disagree.
type endpoint struct {
	kind        *kinds.Kind
	resource    schema.GroupVersionResource // as in the path
	subresource string
	body        schema.GroupVersionKind // of what is sent and received
	accepts     []string                // further versions of what is sent
	verbs       []string                // in alphabetical order, as in discovery
	// namedByBody marks /bindings, where the name is not in the path.
	namedByBody bool
	// deprecated is what a client is warned of, if there is something newer.
	deprecated string
}

// path is what discovery calls the endpoint: "pods", "pods/status".
func (e *endpoint) path() string {
	if e.subresource == "" || e.namedByBody {
		return e.resource.Resource
	}
	return e.resource.Resource + "/" + e.subresource
}

// alias says that the path is in a group that the kind only lends its objects to.
func (e *endpoint) alias() bool { return e.resource.Group != e.kind.Group }

// target is the resource that a request to this endpoint is about, in the
// group and version that the client speaks.
func (e *endpoint) target() schema.GroupVersionResource {
	return e.resource.GroupVersion().WithResource(e.kind.Resource)
}

// list is the kind of a list of the endpoint's objects.
func (e *endpoint) list() schema.GroupVersionKind {
	return e.body.GroupVersion().WithKind(e.body.Kind + "List")
}

// endpoints are all that is served.
type endpoints struct {
	groups []group
	byPath map[schema.GroupVersion]map[string]*endpoint
}

// group is an API group with its versions, best first.
type group struct {
	name     string
	versions []groupVersion
}

type groupVersion struct {
	schema.GroupVersion
	endpoints []*endpoint // in order of their paths
}

func newEndpoints(registry *kinds.Registry) *endpoints {
	all := &endpoints{byPath: map[schema.GroupVersion]map[string]*endpoint{}}
	for _, k := range registry.All() {
		if k.Internal {
			continue
		}
		for _, gv := range servedVersions(k) {
			for _, e := range endpointsOf(k, gv) {
				all.add(e)
			}
		}
	}
	all.arrange()
	return all
}

func servedVersions(k *kinds.Kind) []schema.GroupVersion {
	served := []schema.GroupVersion{k.GroupVersion()}
	for _, v := range k.Versions {
		served = append(served, schema.GroupVersion{Group: k.Group, Version: v})
	}
	return append(served, k.Aliases...)
}

func (all *endpoints) add(e *endpoint) {
	gv := e.resource.GroupVersion()
	if all.byPath[gv] == nil {
		all.byPath[gv] = map[string]*endpoint{}
	}
	all.byPath[gv][e.path()] = e
}

// arrange puts groups and versions into the order that discovery shows, in
// which kubectl looks for a resource that is named without its group.
func (all *endpoints) arrange() {
	byName := map[string]*group{}
	for gv, paths := range all.byPath {
		g := byName[gv.Group]
		if g == nil {
			g = &group{name: gv.Group}
			byName[gv.Group] = g
		}
		version := groupVersion{GroupVersion: gv}
		for _, e := range paths {
			version.endpoints = append(version.endpoints, e)
		}
		slices.SortFunc(version.endpoints, func(a, b *endpoint) int { return cmp.Compare(a.path(), b.path()) })
		g.versions = append(g.versions, version)
	}
	for _, g := range byName {
		slices.SortFunc(g.versions, compareVersions)
		all.groups = append(all.groups, *g)
	}
	slices.SortFunc(all.groups, compareGroups)
}

// endpointsOf lists a kind's endpoints in one served version.
func endpointsOf(k *kinds.Kind, gv schema.GroupVersion) []*endpoint {
	resource := gv.WithResource(k.Resource)
	own := gv.WithKind(k.Kind)
	all := []*endpoint{{kind: k, resource: resource, body: own, verbs: k.Verbs()}}
	if k.Status != nil {
		all = append(all, &endpoint{kind: k, resource: resource, subresource: "status", body: own, verbs: []string{"get", "patch", "update"}})
	}
	if k.Scale != nil {
		scale := autoscalingv1.SchemeGroupVersion.WithKind("Scale")
		all = append(all, &endpoint{kind: k, resource: resource, subresource: "scale", body: scale, verbs: []string{"get", "patch", "update"}})
	}
	for _, o := range k.Others {
		all = append(all, &endpoint{kind: k, resource: resource, subresource: o.Name, body: o.Kind, accepts: o.Accepts, verbs: o.Verbs})
	}
	if own == corev1.SchemeGroupVersion.WithKind("Pod") {
		all = append(all, &endpoint{
			kind: k, resource: gv.WithResource("bindings"), subresource: "binding", namedByBody: true,
			body: corev1.SchemeGroupVersion.WithKind("Binding"), verbs: []string{"create"},
		})
	}
	for _, e := range all {
		e.deprecated = deprecation(own)
	}
	return all
}

// deprecation is upstream's warning about the use of an old kind, or empty.
func deprecation(gvk schema.GroupVersionKind) string {
	obj, err := kinds.Scheme().New(gvk)
	if err != nil || !upstream.IsDeprecated(obj, majorVersion, minorVersion) {
		return ""
	}
	obj.GetObjectKind().SetGroupVersionKind(gvk)
	return upstream.WarningMessage(obj)
}
