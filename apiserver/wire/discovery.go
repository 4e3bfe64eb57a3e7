package wire

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	apidiscoveryv2 "k8s.io/api/apidiscovery/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// discoveryDocuments are the answers to discovery, made when first asked for.
type discoveryDocuments struct {
	endpoints *endpoints
	// aggregated are the documents of all resources at once: of /api, of /apis.
	core, groups func() aggregatedDocument
}

func newDiscoveryDocuments(all *endpoints) *discoveryDocuments {
	isCore := func(g group) bool { return g.name == "" }
	return &discoveryDocuments{
		endpoints: all,
		core:      sync.OnceValue(func() aggregatedDocument { return aggregate(all, isCore) }),
		groups:    sync.OnceValue(func() aggregatedDocument { return aggregate(all, func(g group) bool { return !isCore(g) }) }),
	}
}

// serveDiscovery answers /api, /apis, /apis/GROUP and the group versions.
func (s *server) serveDiscovery(w http.ResponseWriter, r *http.Request, path string) {
	documents := s.served.now().documents
	document := documents.at(path, r)
	if document == nil {
		s.writeNoDiscovery(w, r, path)
		return
	}
	// Upstream's aggregator answers for groups, and asks for no method.
	if path == "/api" || strings.HasPrefix(path, "/api/") || s.isBuiltInVersion(path) {
		if !onlyGet(w, r) {
			return
		}
		if err := routeDiscovery(r); err != nil {
			writeError(w, r, err)
			return
		}
	}
	if path == "/api" || path == "/apis" {
		aggregated := documents.core
		if path == "/apis" {
			aggregated = documents.groups
		}
		if serveAggregated(w, r, aggregated) {
			return
		}
	}
	writeUntransformed(w, r, http.StatusOK, document)
}

// writeNoDiscovery answers 404, below a group that upstream's own router knows
// as a Status.
func (s *server) writeNoDiscovery(w http.ResponseWriter, r *http.Request, path string) {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if parts[0] == "api" || len(parts) > 1 && s.isBuiltInGroup(parts[1]) {
		writeError(w, r, errPageNotFound())
		return
	}
	http.NotFound(w, r)
}

// isBuiltInVersion recognises /apis/apps/v1.
func (s *server) isBuiltInVersion(path string) bool {
	parts := strings.Split(path, "/")
	return len(parts) == 4 && s.isBuiltInGroup(parts[2])
}

func (s *server) isBuiltInGroup(name string) bool {
	return slices.ContainsFunc(s.builtIn.groups, func(g group) bool { return g.name == name })
}

// at returns the legacy document of a path, or nil.
func (d *discoveryDocuments) at(path string, r *http.Request) runtime.Object {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	switch {
	case path == "/api":
		return d.coreVersions(r)
	case path == "/apis":
		return d.groupList()
	case parts[0] == "api" && len(parts) == 2:
		return d.resourceList(schema.GroupVersion{Version: parts[1]})
	case parts[0] == "apis" && len(parts) == 2:
		return d.group(parts[1])
	case parts[0] == "apis" && len(parts) == 3:
		return d.resourceList(schema.GroupVersion{Group: parts[1], Version: parts[2]})
	}
	return nil
}

func (d *discoveryDocuments) coreVersions(r *http.Request) runtime.Object {
	versions := &metav1.APIVersions{
		TypeMeta:                   metav1.TypeMeta{Kind: "APIVersions"},
		ServerAddressByClientCIDRs: []metav1.ServerAddressByClientCIDR{{ClientCIDR: "0.0.0.0/0", ServerAddress: r.Host}},
	}
	for _, g := range d.endpoints.groups {
		for _, v := range g.versions {
			if g.name == "" {
				versions.Versions = append(versions.Versions, v.Version)
			}
		}
	}
	return versions
}

func (d *discoveryDocuments) groupList() runtime.Object {
	list := &metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}, Groups: []metav1.APIGroup{}}
	for _, g := range d.endpoints.groups {
		if g.name != "" {
			list.Groups = append(list.Groups, legacyGroup(g))
		}
	}
	return list
}

func (d *discoveryDocuments) group(name string) runtime.Object {
	i := slices.IndexFunc(d.endpoints.groups, func(g group) bool { return g.name == name && name != "" })
	if i < 0 {
		return nil
	}
	g := legacyGroup(d.endpoints.groups[i])
	g.TypeMeta = metav1.TypeMeta{Kind: "APIGroup", APIVersion: "v1"}
	return &g
}

func legacyGroup(g group) metav1.APIGroup {
	out := metav1.APIGroup{Name: g.name}
	for _, v := range g.versions {
		out.Versions = append(out.Versions, metav1.GroupVersionForDiscovery{GroupVersion: v.String(), Version: v.Version})
	}
	out.PreferredVersion = out.Versions[0]
	return out
}

// resourceList lists what a group version serves. The core group's list says
// no apiVersion, which is as old as that group.
func (d *discoveryDocuments) resourceList(gv schema.GroupVersion) runtime.Object {
	for _, g := range d.endpoints.groups {
		for _, v := range g.versions {
			if v.GroupVersion != gv {
				continue
			}
			list := &metav1.APIResourceList{TypeMeta: metav1.TypeMeta{Kind: "APIResourceList"}, GroupVersion: gv.String()}
			if gv.Group != "" {
				list.APIVersion = "v1"
			}
			for _, e := range v.endpoints {
				list.APIResources = append(list.APIResources, legacyResource(e))
			}
			return list
		}
	}
	return nil
}

func legacyResource(e *endpoint) metav1.APIResource {
	out := metav1.APIResource{
		Name:       e.path(),
		Namespaced: e.kind.Namespaced,
		Kind:       e.body.Kind,
		Verbs:      e.shownVerbs(),
	}
	if e.body.GroupVersion() != e.resource.GroupVersion() {
		out.Group, out.Version = e.body.Group, e.body.Version
	}
	switch {
	case e.isBinding:
		out.SingularName = "binding"
	case e.subresource == "":
		out.SingularName = e.kind.Singular
		out.ShortNames = e.kind.ShortNames
		out.Categories = e.kind.Categories
		if e.kind.IsStored() {
			out.StorageVersionHash = storageVersionHash(e.kind)
		}
	}
	return out
}

// aggregate puts the resources of many groups into one document.
func aggregate(all *endpoints, include func(group) bool) aggregatedDocument {
	list := &apidiscoveryv2.APIGroupDiscoveryList{}
	for _, g := range all.groups {
		if !include(g) {
			continue
		}
		out := apidiscoveryv2.APIGroupDiscovery{}
		out.Name = g.name
		for _, v := range g.versions {
			out.Versions = append(out.Versions, apidiscoveryv2.APIVersionDiscovery{
				Version:   v.Version,
				Resources: aggregatedResources(v),
				Freshness: apidiscoveryv2.DiscoveryFreshnessCurrent,
			})
		}
		list.Items = append(list.Items, out)
	}
	return newAggregatedDocument(list)
}
