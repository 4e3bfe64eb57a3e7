package wire

import (
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/version"

	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/kinds/custom"
)

// serving is what is served at one moment: the endpoints, and the documents
// that describe them. It changes with the world's CustomResourceDefinitions.
type serving struct {
	custom    []*kinds.Kind
	endpoints *endpoints
	documents *discoveryDocuments
	openapi   *openAPI
}

// newServing works out what is served. Of the documents of before, those that
// still hold are kept.
func newServing(builtIn, custom []*kinds.Kind, v version.Info, before *serving) *serving {
	served := newEndpoints(append(builtIn[:len(builtIn):len(builtIn)], custom...))
	s := &serving{custom: custom, endpoints: served, documents: newDiscoveryDocuments(served)}
	if before == nil {
		s.openapi = newOpenAPI(served, v, nil)
	} else {
		s.openapi = newOpenAPI(served, v, before.openapi)
	}
	return s
}

// served knows what is served now. Whoever wants an endpoint of a built-in
// kind does not need it: those are always the same.
type served struct {
	world   func() custom.World
	builtIn []*kinds.Kind
	version version.Info

	mu     sync.Mutex
	latest *serving
}

// now is what the world serves at this moment.
func (s *served) now() *serving {
	custom := s.world().Custom()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.latest == nil || !slices.Equal(s.latest.custom, custom) {
		s.latest = newServing(s.builtIn, custom, s.version, s.latest)
	}
	return s.latest
}
