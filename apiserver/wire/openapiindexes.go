package wire

import (
	"net/http"

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
	all := []*routes{
		plainRoute("/version", "version", "getCodeVersion", "get the version information for this server", "application/json", version.Info{}),
		plainRoute(issuerPath, "WellKnown", "getServiceAccountIssuerOpenIDConfiguration", "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'", "application/json", ""),
		plainRoute(keysPath, "openid", "getServiceAccountIssuerOpenIDKeyset", "get service account issuer OpenID JSON Web Key Set (contains public token verification keys)", "application/jwk-set+json", ""),
	}
	list := indexRoute("/apis", schema.GroupVersion{}, versions, "APIVersions", metav1.APIGroupList{})
	list.id, list.tag = "getAPIVersions", "apis"
	all = append(all, &routes{"/apis", []common.Route{list}})
	for _, g := range groups {
		gv := schema.GroupVersion{Group: g.name}
		switch root := "/apis/" + g.name; {
		case g.isCustom():
		case g.name == "":
			all = append(all, &routes{"/api", []common.Route{indexRoute("/api", gv, versions, "APIVersions", metav1.APIVersions{})}})
		default:
			all = append(all, &routes{root, []common.Route{indexRoute(root, gv, "get information of a group", "APIGroup", metav1.APIGroup{})}})
		}
	}
	return all
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
func plainRoute(root, tag, id, doc, mediaType string, writes any) *routes {
	return &routes{root, []common.Route{&route{
		method: http.MethodGet, path: root + "/",
		id: id, tag: tag, doc: doc,
		produces: []string{mediaType},
		writes:   writes, codes: []int{http.StatusOK},
	}}}
}
