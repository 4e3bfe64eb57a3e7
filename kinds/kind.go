package kinds

import (
	"slices"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Object is any stored object.
type Object interface {
	metav1.Object
	runtime.Object
}

// Kind is everything that is special about one kind. What is the same for all
// of them (names, versions of objects, finalizers, patches) is the API
// layer's. Objects handed to its functions are of the storage version and
// belong to the caller, who has copied them if needed; afterwards they may
// share memory with old, where they are equal.
type Kind struct {
	schema.GroupVersionKind        // the version that objects are stored in, and that components see
	Resource                string // plural, as in paths
	Singular                string
	ShortNames              []string
	Categories              []string // "all"
	Namespaced              bool
	// Versions are those served besides GroupVersionKind's, best first.
	Versions []string
	// StoredAs is what upstream's storage calls the resource where it is not by
	// its plural name: "minions". It shows in texts only.
	StoredAs string
	// Aliases are versions of other groups under which the same objects are
	// served, with the same plural and kind names. They are never stored.
	Aliases []schema.GroupVersion
	// AliasRules, if set, take the place of the kind's own for what is written
	// through an alias.
	AliasRules *Rules
	// NoSuffix: a generateName is taken as the name, so that it can be valid.
	NoSuffix bool
	// Internal kinds are the simulator's own rows: not served over HTTP.
	Internal bool
	// Computed kinds are never stored: the API layer works their objects out
	// when it is asked. These are the verbs that it serves for them, in
	// alphabetical order; empty for kinds that are stored.
	Computed []string

	// New returns an empty object of the storage version.
	New func() Object
	// Default fills in the defaults of the storage version.
	Default func(Object)

	// PrepareCreate drops what a client may not set (status) and starts the
	// generation. It runs before validation, as upstream's strategies do.
	PrepareCreate func(Object)
	// Attribute, if set, writes into a new object who asked for it.
	Attribute func(obj Object, by authenticationv1.UserInfo)
	// PrepareUpdate keeps what a client may not change (status) and moves the
	// generation when the spec changes. old is frozen.
	PrepareUpdate func(obj, old Object)
	// Stamp, if set, writes the world's time where the kind's rules want the
	// time of a write, before validation: into a new object (old nil) or a
	// changed one, whichever subresource it is written through.
	Stamp func(obj, old Object, now time.Time)
	// ResetFields are what PrepareUpdate puts back: paths with dots. Nil means
	// the status, if there is a status subresource.
	ResetFields []string
	// DefaultTimes, if set, fills in what Default would take from the clock.
	DefaultTimes func(obj Object, now time.Time)
	// OnRead, if set, is what reading does to an object of the kind that was
	// stored, such as filling in defaults that the kind's rules have changed the
	// ground of. Reread calls it.
	OnRead func(Object)
	// ReadsMore, if set, says of a new object whether reading it fills in what
	// upstream has not stored: the rules for creating it drop what its defaults
	// have set. Its next write stores that, even if it changes nothing.
	ReadsMore func(Object) bool
	// Canonicalize tidies an object after validation.
	Canonicalize func(Object)
	// Validate checks all of a new object, its metadata included. It must have
	// been defaulted and prepared, and have its name and creation time.
	Validate func(Object) field.ErrorList
	// ValidateUpdate checks a new version of an object, with its resource
	// version set. old is frozen, and was valid when it was stored.
	ValidateUpdate func(obj, old Object) field.ErrorList
	// Warnings for the client, about a new object or (old not nil) a changed one.
	Warnings func(obj, old Object) []string

	// Status is nil if the kind has no status subresource.
	Status *Subresource
	// Finalize is nil but for namespaces.
	Finalize *Subresource
	// Scale is nil if the kind has no scale subresource.
	Scale *Scale
	// Others are further subresources, only to be listed in discovery:
	// "binding", "finalize", "log".
	Others []OtherSubresource

	// GracePeriod decides how long a deletion waits for the kubelet, in
	// seconds, given what the client asked for (nil: nothing). Nil function or
	// zero: deleted at once. Upstream: CheckGracefulDelete.
	GracePeriod func(obj Object, asked *int64) int64
	// AllowUnconditionalUpdate: an update need not say which resource version
	// it is based on.
	AllowUnconditionalUpdate bool
	// AllowCreateOnUpdate: an update of an object that does not exist creates it.
	AllowCreateOnUpdate bool
	// ReturnsDeleted: a deletion answers with the object that is gone, rather
	// than with a Status.
	ReturnsDeleted bool
	// Uncollected kinds take no part in garbage collection: a deletion drops the
	// finalizers for it.
	Uncollected bool
	// OrphansDependents: a deletion that does not say what is to become of the
	// object's dependents leaves them behind. Upstream: DefaultGarbageCollectionPolicy.
	OrphansDependents bool
	// OrphansWarning tells a client about it who has not said.
	OrphansWarning string
	// TTL, if not zero, is how long an object lives after its last write.
	TTL time.Duration
	// NoDeleteCollection kinds can only be deleted one by one.
	NoDeleteCollection bool
	// PlainTable: upstream has no columns of its own for the kind, so that
	// tables show names and times of creation.
	PlainTable bool

	// Print, if set, makes the kind's tables in the place of upstream's printers.
	Print func(objects []Object, options TableOptions) *metav1.Table

	// PrintList, if set, makes of the rows for some objects what they are in a
	// list, where upstream's printer has more to say than about one object.
	PrintList func(objects []Object, rows []metav1.TableRow)

	// times finds, once it is asked, where the times in objects are, for tables.
	times func() *timePaths
	// empties finds, once it is asked, where empty lists are written. It is nil
	// for custom kinds.
	empties func() emptyPaths

	// Fields are the values for field selectors besides metadata.name and
	// metadata.namespace; FieldNames are their names. An unknown name is an error.
	Fields     func(Object) fields.Set
	FieldNames []string
	// IndexedField is the one of them, if any, that upstream's cache has an index of.
	IndexedField string

	// Owner UIDs are indexed for every kind; NodeName is the node that the
	// object is bound to, nil for most kinds.
	NodeName func(Object) string

	// Custom is nil for built-in kinds.
	Custom *Custom
}

// Rules are what is checked of an object, as in Kind.
type Rules struct {
	Validate       func(Object) field.ErrorList
	ValidateUpdate func(obj, old Object) field.ErrorList
}

// Subresource is how a part of an object, mostly its status, is written: what
// it may change, and its rules. They are called like those of the Kind, and
// ValidateUpdate only after PrepareUpdate.
type Subresource struct {
	PrepareUpdate  func(obj, old Object)
	ValidateUpdate func(obj, old Object) field.ErrorList

	// NoTable: what is read there is not shown as a table.
	NoTable bool
	// ResetFields are what PrepareUpdate puts back, so that a writer does not
	// come to manage it: paths with dots. Nil means the spec.
	ResetFields []string
}

// Scale is how a kind is read and written through its scale subresource.
type Scale struct {
	// Replicas returns spec.replicas, status.replicas and the selector in its
	// text form.
	Replicas func(Object) (spec, status int32, selector string)
	// Set writes spec.replicas.
	Set func(obj Object, replicas int32) error
	// Check, if set, says why an object cannot be shown as a scale.
	Check func(Object) error
	// Path is where the replicas are in another version of the kind, or nil if
	// that has no scale. A nil function means spec.replicas in all of them.
	Path func(version string) []string
}

// OtherSubresource is one line of discovery.
type OtherSubresource struct {
	Name  string
	Kind  schema.GroupVersionKind
	Verbs []string
	// Accepts are versions of Kind's group that a body may also be in.
	Accepts []string
	// Strategy is how the object is written through it. It is nil for those
	// that do something else, or that the API layer knows by name.
	Strategy *Subresource
}

// GroupResource is the kind's key in the store.
func (k *Kind) GroupResource() schema.GroupResource {
	return schema.GroupResource{Group: k.Group, Resource: k.Resource}
}

// IsStored says that there are objects of the kind in the store, served to
// clients: it is neither internal nor computed.
func (k *Kind) IsStored() bool { return !k.Internal && len(k.Computed) == 0 }

// IsReview says that objects of the kind are questions, which creating them
// answers. They have no tables.
func (k *Kind) IsReview() bool { return slices.Equal(k.Computed, reviewed) }

// Verbs are what clients may do with objects of the kind itself, as listed in
// discovery.
func (k *Kind) Verbs() []string {
	if len(k.Computed) > 0 {
		return k.Computed
	}
	if k.NoDeleteCollection {
		return []string{"create", "delete", "get", "list", "patch", "update", "watch"}
	}
	return []string{"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}
}
