package wire

import (
	"net/http"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/apiserver/pkg/endpoints/handlers/negotiation"
	"k8s.io/kube-openapi/pkg/common"
)

// indexRoutes describe what is served beside the group versions: the list of
// groups, each group, and what a server says of itself.
func indexRoutes(groups []group) []*routes {
	const versions = "get available API versions"
	code := plainRoute("/version", "version", "getCodeVersion", "get the version information for this server", "application/json", version.Info{})
	code.consumes = code.produces
	all := []*routes{
		code.alone(),
		plainRoute(issuerPath, "WellKnown", "getServiceAccountIssuerOpenIDConfiguration", "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'", "application/json", "").alone(),
		plainRoute(keysPath, "openid", "getServiceAccountIssuerOpenIDKeyset", "get service account issuer OpenID JSON Web Key Set (contains public token verification keys)", "application/jwk-set+json", "").alone(),
	}
	list := indexRoute("/apis", schema.GroupVersion{}, versions, "APIVersions", metav1.APIGroupList{})
	list.id, list.tag = "getAPIVersions", "apis"
	all = append(all, list.alone())
	for _, g := range groups {
		gv := schema.GroupVersion{Group: g.name}
		switch {
		case g.isCustom():
		case g.name == "":
			all = append(all, indexRoute("/api", gv, versions, "APIVersions", metav1.APIVersions{}).alone())
		default:
			all = append(all, indexRoute("/apis/"+g.name, gv, "get information of a group", "APIGroup", metav1.APIGroup{}).alone())
		}
	}
	return all
}

// alone is all that there is at the route's path.
func (r *route) alone() *routes {
	return &routes{strings.TrimSuffix(r.path, "/"), []common.Route{r}}
}

// isCustom says that a group has custom resources only, which describe
// themselves.
func (g group) isCustom() bool {
	for _, v := range g.versions {
		for _, e := range v.endpoints {
			if e.kind.Custom == nil {
				return false
			}
		}
	}
	return true
}

// indexRoute describes a discovery document.
func indexRoute(root string, gv schema.GroupVersion, doc, about string, writes any) *route {
	types, _ := negotiation.MediaTypesForSerializer(codecs)
	return &route{
		method: http.MethodGet, path: root + "/",
		id: operationID(gv, "get", about), tag: tagOf(gv), doc: doc,
		consumes: types, produces: types,
		writes: writes, codes: []int{http.StatusOK},
	}
}

// plainRoute describes the one answer of a path that is not the API's.
func plainRoute(root, tag, id, doc, mediaType string, writes any) *route {
	return &route{
		method: http.MethodGet, path: root + "/",
		id: id, tag: tag, doc: doc,
		produces: []string{mediaType},
		writes:   writes, codes: []int{http.StatusOK},
	}
}
