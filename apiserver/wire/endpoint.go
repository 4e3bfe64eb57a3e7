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
	// isBinding marks /bindings, where the body names the pod.
	isBinding bool
	// deprecated is what a client is warned of, if there is something newer.
	deprecated string
	// removedIn is the release, "1.37", that has it no longer, if that is known.
	removedIn string
}

// path is what discovery calls the endpoint: "pods", "pods/status".
func (e *endpoint) path() string {
	if e.subresource == "" {
		return e.resource.Resource
	}
	return e.resource.Resource + "/" + e.subresource
}

// alias says that the path is in a group that the kind only lends its objects to.
func (e *endpoint) alias() bool { return e.resource.Group != e.kind.Group }

// target is the resource that a request to this endpoint is about, in the
// group and version that the client speaks.
func (e *endpoint) target() schema.GroupVersionResource {
	if e.isBinding {
		return e.resource
	}
	return e.resource.GroupVersion().WithResource(e.kind.Resource)
}

// hasTable says whether what is read here can be shown as a Table.
func (e *endpoint) hasTable() bool {
	switch e.subresource {
	case "":
		return !e.kind.IsReview()
	case "status":
		return e.kind.Status == nil || !e.kind.Status.NoTable
	}
	return e.subresource == "scale"
}

// list is the kind of a list of the endpoint's objects.
func (e *endpoint) list() schema.GroupVersionKind {
	if e.isCustom() {
		return e.body.GroupVersion().WithKind(e.kind.Custom.ListKind)
	}
	return e.body.GroupVersion().WithKind(e.body.Kind + "List")
}

// endpoints are all that is served.
type endpoints struct {
	groups []group // as discovery shows them
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

func newEndpoints(served []*kinds.Kind) *endpoints {
	all := &endpoints{byPath: map[schema.GroupVersion]map[string]*endpoint{}}
	for _, k := range served {
		if k.Internal {
			continue
		}
		for _, gv := range servedVersions(k) {
			for _, e := range endpointsOf(inVersion(k, gv), gv) {
				all.add(e)
			}
		}
	}
	all.arrange()
	return all
}

// inVersion is a kind as one of its versions has it: those of a custom kind
// differ.
func inVersion(k *kinds.Kind, gv schema.GroupVersion) *kinds.Kind {
	if k.Custom == nil {
		return k
	}
	return k.Custom.Version(gv.Version)
}

func servedVersions(k *kinds.Kind) []schema.GroupVersion {
	var served []schema.GroupVersion
	if k.Custom == nil || k.Custom.Served {
		served = append(served, k.GroupVersion())
	}
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
		version := groupVersion{GroupVersion: gv}
		for _, e := range paths {
			if e.kind.Custom == nil || e.kind.Custom.Discovered {
				version.endpoints = append(version.endpoints, e)
			}
		}
		if len(version.endpoints) == 0 {
			continue
		}
		g := byName[gv.Group]
		if g == nil {
			g = &group{name: gv.Group}
			byName[gv.Group] = g
		}
		slices.SortFunc(version.endpoints, compareEndpoints)
		g.versions = append(g.versions, version)
	}
	for _, g := range byName {
		slices.SortFunc(g.versions, compareVersions)
		all.groups = append(all.groups, *g)
	}
	slices.SortFunc(all.groups, compareGroups)
}

// compareEndpoints is the order of discovery. The status of a custom resource
// comes before its scale; those of other kinds are in the order of their names.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver (DiscoveryController), with definitions in the order of their names.
func compareEndpoints(a, b *endpoint) int {
	if a.kind.Custom != nil && b.kind.Custom != nil {
		return cmp.Or(
			cmp.Compare(a.resource.Resource, b.resource.Resource),
			cmp.Compare(min(1, len(a.subresource)), min(1, len(b.subresource))),
			-cmp.Compare(a.subresource, b.subresource),
		)
	}
	return cmp.Compare(a.path(), b.path())
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
			kind: k, resource: gv.WithResource("bindings"), isBinding: true,
			body: corev1.SchemeGroupVersion.WithKind("Binding"), verbs: []string{"create"},
		})
	}
	for _, e := range all {
		e.deprecated, e.removedIn = deprecation(k, own)
	}
	return all
}

// deprecation is upstream's warning about the use of an old kind, or empty, and
// the release that removes it.
func deprecation(k *kinds.Kind, gvk schema.GroupVersionKind) (warning, removedIn string) {
	if k.Custom != nil {
		return k.Custom.Deprecated, ""
	}
	obj, err := kinds.Scheme().New(gvk)
	if err != nil || !upstream.IsDeprecated(obj, majorVersion, minorVersion) {
		return "", ""
	}
	obj.GetObjectKind().SetGroupVersionKind(gvk)
	return upstream.WarningMessage(obj), upstream.RemovedRelease(obj)
}

// customVerbs are those of a custom resource, in the order in which discovery
// has them; terminatingVerbs are left while its definition is being deleted.
var (
	customVerbs      = []string{"delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"}
	terminatingVerbs = []string{"delete", "deletecollection", "get", "list", "watch"}
)

// shownVerbs are those that discovery tells of.
func (e *endpoint) shownVerbs() []string {
	switch {
	case e.kind.Custom == nil || e.subresource != "":
		return e.verbs
	case e.kind.Custom.Terminating:
		return terminatingVerbs
	}
	return customVerbs
}
