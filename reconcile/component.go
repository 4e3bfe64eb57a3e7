package reconcile

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Object is any stored object. What a View returns is shared and frozen:
// DeepCopy it before changing a field.
type Object interface {
	metav1.Object
	runtime.Object
}

// Key names one object of a component's kind, or, for a component that wants
// to be keyed otherwise, whatever its Watches say it does.
type Key struct {
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name,omitempty"`
}

// String is "namespace/name", or "name" for what has no namespace.
func (k Key) String() string {
	if k.Namespace == "" {
		return k.Name
	}
	return k.Namespace + "/" + k.Name
}

// KeyOf is the key of an object.
func KeyOf(o metav1.Object) Key { return Key{Namespace: o.GetNamespace(), Name: o.GetName()} }

// Single is the one key of a component that works on its whole queue at once,
// because it shares out a budget (nodes' room, addresses, quota).
var Single = Key{}

// Component is one reconciler. It is a value: the engine is given a list of them.
type Component struct {
	// Name is upstream's name for it, as in event sources: "replicaset-controller".
	Name string
	// User is the API identity its writes are made under. "%s" stands for the
	// node of a PerNode component.
	User string
	// For is the resource a Key names. It is zero for a Single component.
	For schema.GroupResource
	// PerNode components run once on every machine: kubelet, kube-proxy.
	// Each instance has its own queue, view and faults.
	PerNode bool
	// Starts lists keys to enqueue once, when an instance (re)starts.
	// For a PerNode component it is called with the machine's name.
	Starts func(node string) []Key
	// Watches say which changes wake the component, and for which keys.
	Watches []Watch
	// Reconcile looks at the frozen view and says what is to be done for one
	// key. It must be a pure function of its arguments. An error means the key
	// is retried with back-off; calls of a plan returned beside an error are
	// still carried out (as upstream's controllers do partial work).
	Reconcile func(View, Request) (Plan, error)
}

// Request is why a turn is run: a key, and how earlier attempts ended.
type Request struct {
	Key
	// Node is the machine this instance runs on, for PerNode components.
	Node string
	// Attempt counts the failed turns for this key since the last success.
	Attempt int
	// LastErr is how the previous turn for this key failed: Reconcile's own
	// error or that of the first refused API call. Nil after a success.
	LastErr error
}

// Watch turns changes of a resource into keys of a component.
type Watch struct {
	// Resource may be CustomResources.
	Resource schema.GroupResource
	// Keys maps a changed object to the keys to wake. It is called for the
	// object before and after a change (once when it was created or is gone).
	// Nil means the object's own key.
	Keys func(View, Object) []Key
	// Node says which machine's instance of a PerNode component is concerned.
	// Nil, or an empty answer, means all of them.
	Node func(Object) string
	// When, if set, drops changes that cannot matter. before is nil for a
	// creation and after is nil for a deletion.
	When func(before, after Object) bool
}
