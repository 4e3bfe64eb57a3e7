package control

import (
	"net/http"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/kinds/custom"
)

// resolved is an object's key in the store.
type resolved struct {
	resource        schema.GroupResource
	namespace, name string
}

func objectFrom(r *http.Request) Object {
	query := r.URL.Query()
	return Object{Kind: query.Get("kind"), Name: query.Get("name"), Namespace: query.Get("namespace")}
}

// resolve finds out which object a person means.
func (s *server) resolve(o Object) (resolved, error) {
	if o.Kind == "" || o.Name == "" {
		return resolved{}, refuse(http.StatusBadRequest, "name an object as KIND/NAME, for example pod/web")
	}
	kind := kindCalled(s.cluster.Kinds(), o.Kind)
	if kind == nil {
		return resolved{}, refuse(http.StatusNotFound, "there is no kind %q; see: minik8s api-resources", o.Kind)
	}
	if !kind.Namespaced {
		o.Namespace = ""
	}
	return resolved{kind.GroupResource(), o.Namespace, o.Name}, nil
}

// kindCalled finds a kind by any name that kubectl knows: plural, singular,
// kind, short name, each with or without its group.
func kindCalled(registry custom.World, called string) *kinds.Kind {
	called, group, qualified := strings.Cut(strings.ToLower(called), ".")
	for _, k := range registry.All() {
		// Upstream: restmapper, which also takes "deployments.v1.apps".
		if other, ok := registry.ByResource(schema.GroupResource{Group: group, Resource: k.Resource}); qualified && (!ok || other != k) {
			continue
		}
		if called == k.Resource || called == k.Singular || called == strings.ToLower(k.Kind) || slices.Contains(k.ShortNames, called) {
			return k
		}
	}
	return nil
}
