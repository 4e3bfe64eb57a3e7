package wire

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	apidiscoveryv2 "k8s.io/api/apidiscovery/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/endpoints/handlers/negotiation"

	"github.com/minik8s/minik8s/kinds"
)

// aggregatedDocument is discovery of many groups in one answer.
type aggregatedDocument struct {
	list *apidiscoveryv2.APIGroupDiscoveryList
	etag string // quoted
}

var aggregatedKind = apidiscoveryv2.SchemeGroupVersion.WithKind("APIGroupDiscoveryList")

func newAggregatedDocument(list *apidiscoveryv2.APIGroupDiscoveryList) aggregatedDocument {
	list.SetGroupVersionKind(aggregatedKind)
	body, err := json.Marshal(list)
	if err != nil {
		panic(err) // a list of strings
	}
	return aggregatedDocument{list, strconv.Quote(fmt.Sprintf("%X", sha512.Sum512(body)))}
}

// aggregatedRestrictions let a client ask for aggregated discovery.
//
// Upstream: v2beta1 is gone since 1.35, and here it was never there: a client that asks for it alone gets the legacy documents.
type aggregatedRestrictions struct{}

func (aggregatedRestrictions) AllowsMediaTypeTransform(_, _ string, target *schema.GroupVersionKind) bool {
	return target != nil && *target == aggregatedKind
}
func (aggregatedRestrictions) AllowsServerVersion(string) bool  { return false }
func (aggregatedRestrictions) AllowsStreamSchema(s string) bool { return s == "watch" }

// serveAggregated answers a client that prefers aggregated discovery to the
// legacy documents, and says whether it did.
func serveAggregated(w http.ResponseWriter, r *http.Request, document func() aggregatedDocument) bool {
	_, asked := negotiation.NegotiateMediaTypeOptions(r.Header.Get("Accept"), mediaTypes, aggregatedRestrictions{})
	if !asked || r.Header.Get("Accept") == "" {
		return false
	}
	out, err := negotiate(r, aggregatedRestrictions{})
	if err != nil {
		return false
	}
	d := document()
	h := w.Header()
	h.Set("ETag", d.etag)
	h.Set("Vary", "Accept")
	h.Set("Cache-Control", "public")
	if r.Header.Get("If-None-Match") == d.etag {
		w.WriteHeader(http.StatusNotModified)
		return true
	}
	out.mediaType += fmt.Sprintf(";g=%s;v=%s;as=%s", aggregatedKind.Group, aggregatedKind.Version, aggregatedKind.Kind)
	out.write(w, r, http.StatusOK, d.list)
	return true
}

// aggregatedResources lists resources, each with its subresources.
func aggregatedResources(v groupVersion) []apidiscoveryv2.APIResourceDiscovery {
	var out []apidiscoveryv2.APIResourceDiscovery
	index := map[string]int{}
	for _, e := range v.endpoints {
		if e.path() == e.resource.Resource {
			index[e.resource.Resource] = len(out)
			out = append(out, aggregatedResource(e))
		}
	}
	for _, e := range v.endpoints {
		if e.path() == e.resource.Resource {
			continue
		}
		parent := &out[index[e.resource.Resource]]
		parent.Subresources = append(parent.Subresources, apidiscoveryv2.APISubresourceDiscovery{
			Subresource:  e.subresource,
			ResponseKind: responseKind(e),
			Verbs:        e.verbs,
		})
	}
	return out
}

func aggregatedResource(e *endpoint) apidiscoveryv2.APIResourceDiscovery {
	legacy := legacyResource(e)
	scope := apidiscoveryv2.ScopeCluster
	if e.kind.Namespaced {
		scope = apidiscoveryv2.ScopeNamespace
	}
	return apidiscoveryv2.APIResourceDiscovery{
		Resource:         e.resource.Resource,
		ResponseKind:     responseKind(e),
		Scope:            scope,
		SingularResource: legacy.SingularName,
		Verbs:            e.shownVerbs(),
		ShortNames:       legacy.ShortNames,
		Categories:       legacy.Categories,
	}
}

// responseKind leaves out the group and version where they are the path's,
// but for custom resources.
func responseKind(e *endpoint) *metav1.GroupVersionKind {
	out := &metav1.GroupVersionKind{Kind: e.body.Kind}
	if e.kind.Custom != nil || e.body.GroupVersion() != e.resource.GroupVersion() {
		out.Group, out.Version = e.body.Group, e.body.Version
	}
	return out
}

// storedOtherwise are the kinds that kube-apiserver 1.37 still stores in an
// older version than the one that is stored here, and tells so.
var storedOtherwise = map[schema.GroupKind]string{
	{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition"}:   "v1beta1",
	{Group: "certificates.k8s.io", Kind: "ClusterTrustBundle"}:          "v1beta1",
	{Group: "certificates.k8s.io", Kind: "PodCertificateRequest"}:       "v1beta1",
	{Group: "resource.k8s.io", Kind: "DeviceTaintRule"}:                 "v1beta2",
	{Group: "storagemigration.k8s.io", Kind: "StorageVersionMigration"}: "v1beta1",
}

// storageVersionHash lets clients see that resources of two groups are stored
// as the same objects. Upstream: pkg/endpoints/discovery (StorageVersionHash).
func storageVersionHash(k *kinds.Kind) string {
	stored := k.GroupVersionKind
	if k.Custom != nil {
		stored = k.Custom.Storage
	}
	if version, ok := storedOtherwise[k.GroupKind()]; ok {
		stored.Version = version
	}
	sum := sha256.Sum256([]byte(stored.Group + "/" + stored.Version + "/" + stored.Kind))
	return base64.StdEncoding.EncodeToString(sum[:8])
}
