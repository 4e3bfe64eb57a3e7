package admission

import (
	"iter"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"

	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/apiserver/outside"
	"github.com/minik8s/minik8s/kinds"
)

// Operation is what a request does to one object. It differs from the verb: a
// patch is an update, or a create if it applies something new; a
// deletecollection is many deletes.
type Operation string

// The operations, spelled as in an AdmissionReview. Connect is a connection
// to a pod, such as exec.
const (
	Create  Operation = "CREATE"
	Update  Operation = "UPDATE"
	Delete  Operation = "DELETE"
	Connect Operation = "CONNECT"
)

// Attributes are what a plugin knows of a request. They are one value for
// both phases and all plugins, and gone when the request is done.
type Attributes struct {
	Operation Operation
	// Kind and Resource are what the client speaks, which need not be the
	// version, or even the group, that Object is in: that is always the
	// stored one.
	Kind        schema.GroupVersionKind
	Resource    schema.GroupVersionResource
	Subresource string
	Namespace   string // empty for what has none
	Name        string // empty for a new object whose name is generated

	// Object is what is to be stored, or the body of a subresource that has
	// one of its own (a *corev1.Binding). A plugin may change it while
	// admitting, but not what it points to without a copy: components share
	// templates. It is nil for a delete.
	Object runtime.Object
	// OldObject is what is stored. It is frozen, and nil for a create.
	OldObject runtime.Object

	// Options are the *metav1.CreateOptions, UpdateOptions or
	// DeleteOptions of the request; nil if there are none.
	Options runtime.Object
	DryRun  bool
	User    *auth.User
	Now     time.Time // in virtual time

	// Reinvocation is what mutating plugins let each other know.
	Reinvocation Reinvocation

	World
}

// Reinvocation is the second round of the mutating phase, for what later
// plugins have made of the object.
type Reinvocation struct {
	// Wanted is set by a webhook or policy that has changed the object. Again
	// says that this is the second round.
	Wanted, Again bool
	// Kept is what plugins remember of the first round, by their names.
	Kept map[string]any
}

// World is what the door lends to plugins for the time of a request.
type World interface {
	// Get returns an object of the stored version, frozen, or nil.
	Get(gr schema.GroupResource, namespace, name string) kinds.Object
	// List ranges over the objects of one namespace, or of all if it is
	// empty, in key order. They are frozen.
	List(gr schema.GroupResource, namespace string) iter.Seq[kinds.Object]
	// Mapping finds the plural name of a served kind, and whether its objects
	// are in namespaces.
	Mapping(kind schema.GroupKind, version string) (resource string, namespaced, ok bool)
	// Authorize asks whether the user of the request, or the one that the
	// question names, might also do something else. If not, reason may say why.
	Authorize(q Question) (allowed bool, reason string)
	// Warn adds to the warnings that the client gets.
	Warn(text string)
	// Annotate tells the audit log something. The first value of a key counts.
	Annotate(key, value string)
	// Suffix is the random end of a generated name, the same in each run.
	Suffix() string
	// Registered are the objects of a resource of admissionregistration.k8s.io,
	// in key order, frozen. It costs nothing to ask.
	Registered(gr schema.GroupResource) []kinds.Object
	// Equivalents are the resource of the request in every group and version
	// that serves the same objects, the request's own included.
	Equivalents() []schema.GroupVersionResource
	// InVersion returns an object of the request in a served version, or the
	// object itself if it is in that version. It shares memory with the object.
	InVersion(obj runtime.Object, kind schema.GroupVersionKind) (runtime.Object, error)
	// Adopt puts an object of any served version, with its defaults, in the
	// place of the request's: into what Attributes.Object points to.
	Adopt(obj runtime.Object) error
	// FieldSchemas say which lists in objects of the request are sets or maps.
	FieldSchemas() (managedfields.TypeConverter, error)
	// Ask finds what was answered to a question. If there is no answer yet,
	// the error ends the request, to be tried again with one.
	Ask(q outside.Question) (outside.Answer, error)
	// UpdateAlso stores another object, in place of the one with its name,
	// as soon as the request's own is stored. It is for the server's own
	// bookkeeping: nobody is asked.
	UpdateAlso(gr schema.GroupResource, obj kinds.Object, reason string)
}

// Question is one request that somebody might make, for authorisation.
type Question struct {
	Verb        string
	Resource    schema.GroupVersionResource
	Subresource string
	Namespace   string
	Name        string
	// Path is that of a request which is not about a resource.
	Path string
	// User, with Groups, is somebody else than the user of the request.
	User   string
	Groups []string
}

// isNew says that the request creates an object of the kind itself, rather
// than something under it.
func (a *Attributes) isNew() bool { return a.Operation == Create && a.Subresource == "" }

// isWrite is isNew or the same for an update.
func (a *Attributes) isWrite() bool {
	return a.Subresource == "" && (a.Operation == Create || a.Operation == Update)
}
