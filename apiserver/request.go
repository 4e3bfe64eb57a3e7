package apiserver

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/apiserver/outside"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

// Verb is what a request does, in the words of RBAC and audit.
type Verb string

// The verbs of the API. Watch is none that Do carries out: a watcher reads the
// store's change log (see Select).
const (
	Get              Verb = "get"
	List             Verb = "list"
	Watch            Verb = "watch"
	Create           Verb = "create"
	Update           Verb = "update"
	Patch            Verb = "patch"
	Delete           Verb = "delete"
	DeleteCollection Verb = "deletecollection"
)

// Request is one API call, decoded. It is a value that can be journalled and
// done again.
type Request struct {
	Verb        Verb
	Resource    schema.GroupVersionResource // the version is the one the client speaks
	Subresource string                      // "status", "scale", "binding", "finalize", or empty
	Namespace   string
	Name        string // empty for create and for collections

	// Object is the body of a create or update, in any served version; it is
	// the request's own (Do may change it). For a binding it is a *corev1.Binding, for
	// scale an *autoscalingv1.Scale, for what Connects its options.
	Object runtime.Object
	// Source, if set, is what Object was read from.
	Source *Source
	// Patch is the body of a patch.
	Patch     []byte
	PatchType types.PatchType

	// The options of the verb at hand; the others are nil.
	CreateOptions *metav1.CreateOptions
	UpdateOptions *metav1.UpdateOptions
	PatchOptions  *metav1.PatchOptions
	DeleteOptions *metav1.DeleteOptions
	ListOptions   *metav1.ListOptions // also selects for DeleteCollection
	GetOptions    *metav1.GetOptions

	// User is who asks.
	User User
	// Authorized says that Server.Authorize has allowed this already. HTTP asks
	// before it looks at anything else of a request, as upstream does, and about
	// the path's own resource, which may be another name of this one.
	Authorized bool
	// UserAgent is what the client says of itself, "kubectl/v1.37.2
	// (linux/amd64)"; its start becomes the field manager if the options name none.
	UserAgent string
	// Timeout bounds, in real time, how long all webhooks together may be asked.
	// Zero, and what is longer, mean a minute.
	Timeout time.Duration
	// Answers are what the world outside has said to earlier questions of this
	// request.
	Answers []outside.Answer
	// Ticket, if not zero, tells the request from all others of a world. One that
	// is sent again with answers draws names and UIDs by it as before. It is
	// positive.
	Ticket int64
	// Origin goes to the change log with what this request writes. Actor is
	// set from User.
	Origin store.Origin
}

// Source is the body of a request as it came, in any encoding. A journal keeps
// it in the place of a copy of the object, which is a third as large again and
// in many pieces.
type Source struct {
	Body []byte
	Kind schema.GroupVersionKind // the body need not say it
}

// Object reads the body again.
func (s *Source) Object() (runtime.Object, error) {
	into, err := kinds.Scheme().New(s.Kind)
	if err != nil {
		return nil, err
	}
	obj, _, err := kinds.Codecs().UniversalDeserializer().Decode(s.Body, &s.Kind, into)
	return obj, err
}

// User is an authenticated identity.
type User = auth.User

// Writes says whether a request may change the world: reads, dry runs and
// questions do not.
func (s *Server) Writes(r *Request) bool {
	if k, ok := s.Kinds.ByResource(r.Resource.GroupResource()); ok && len(k.Computed) > 0 || r.Subresource == "token" {
		return false
	}
	return r.Verb != Get && r.Verb != List && !r.Connects() && !r.isDryRun()
}

// Response is what a request gives when it is not refused.
type Response struct {
	// Object is of the storage version and frozen: one object (or a
	// *metav1.Status after some deletions, an *autoscalingv1.Scale for scale).
	// It is nil for a list, which is in Items.
	Object runtime.Object
	// Connection is set for a request that Connects.
	Connection *Connection
	// Created says that an update or apply made a new object, Removed that a
	// delete left nothing behind.
	Created, Removed bool
	// Items are the objects of a list, frozen, in key order.
	Items []runtime.Object
	// Revision is the resourceVersion of a list.
	Revision int64
	// Continue and Remaining are set if a limited list has more.
	Continue  string
	Remaining *int64
	// Warnings are for the client's Warning headers, and Annotations for the
	// audit log. A request that is refused can have some, and nothing else.
	Warnings    []string
	Annotations map[string]string
}
