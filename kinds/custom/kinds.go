package custom

import (
	"runtime"
	"sync"
	"weak"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"

	"github.com/minik8s/minik8s/kinds"
)

// Definition is short for what this package is about.
type Definition = apiextensionsv1.CustomResourceDefinition

// Kinds makes kinds of definitions. It remembers what it has made for as long
// as the definition itself is there, in any world of this process; it holds
// nothing that does not follow from the definitions. It is safe for concurrent
// use.
type Kinds struct {
	builtIn *kinds.Registry

	mu   sync.Mutex
	made map[weak.Pointer[Definition]]*kinds.Kind
	// compiled has the newest of each definition, to be used again after a
	// change of the status.
	compiled map[types.UID]weak.Pointer[compiled]
}

// New returns the maker of a process's custom kinds, which stand beside the
// built-in ones.
func New(builtIn *kinds.Registry) *Kinds {
	return &Kinds{
		builtIn:  builtIn,
		made:     map[weak.Pointer[Definition]]*kinds.Kind{},
		compiled: map[types.UID]weak.Pointer[compiled]{},
	}
}

// In returns the registry of a world.
func (k *Kinds) In(d Definitions) World { return World{k, d} }

// of returns the kind that a definition makes, in its storage version, or nil
// if it is not served. Frozen objects are told apart by their addresses: forks
// of a world may have different definitions of the same UID and revision.
func (k *Kinds) of(crd *Definition) *kinds.Kind {
	if !isServed(crd) {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	key := weak.Make(crd)
	if kind, ok := k.made[key]; ok {
		return kind
	}
	kind := kindOf(k.compile(crd), crd)
	k.made[key] = kind
	runtime.AddCleanup(crd, k.forget, key)
	return kind
}

func (k *Kinds) forget(key weak.Pointer[Definition]) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.made, key)
}

// compile returns what depends on the specification alone. The lock is held.
func (k *Kinds) compile(crd *Definition) *compiled {
	if c := k.compiled[crd.UID].Value(); c != nil && c.is(crd) {
		return c
	}
	c := compile(crd)
	key := weak.Make(c)
	k.compiled[crd.UID] = key
	runtime.AddCleanup(c, func(uid types.UID) {
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.compiled[uid] == key {
			delete(k.compiled, uid)
		}
	}, crd.UID)
	return c
}

// is says whether the definition would compile to the same.
func (c *compiled) is(crd *Definition) bool {
	return equality.Semantic.DeepEqual(&c.crd.Spec, &crd.Spec) && equality.Semantic.DeepEqual(&c.crd.Status.AcceptedNames, &crd.Status.AcceptedNames)
}

// isServed says whether requests are answered: as soon as the names are
// accepted, before the definition is called established, and for as long as
// it is.
func isServed(crd *Definition) bool {
	return isTrue(crd, apiextensionsv1.NamesAccepted) || isTrue(crd, apiextensionsv1.Established)
}

func isTrue(crd *Definition, condition apiextensionsv1.CustomResourceDefinitionConditionType) bool {
	for i := range crd.Status.Conditions {
		if c := &crd.Status.Conditions[i]; c.Type == condition {
			return c.Status == apiextensionsv1.ConditionTrue
		}
	}
	return false
}
