package reconcile

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Verb is what a Call does, in the API's own words.
type Verb string

// The verbs of a plan. UpdateStatus, Finalize, Approve and Bind are
// writes to a subresource.
const (
	Create       Verb = "create"
	Update       Verb = "update"
	UpdateStatus Verb = "update-status"
	Finalize     Verb = "finalize" // the namespaces/finalize subresource
	Approve      Verb = "approve"  // the certificatesigningrequests/approval subresource
	Patch        Verb = "patch"
	PatchStatus  Verb = "patch-status"
	Delete       Verb = "delete"
	Bind         Verb = "bind"
	Event        Verb = "event"
)

// Call is one API call that a component wants made, and why.
type Call struct {
	Verb Verb
	// Object is what to write; for Patch, Delete and Bind, and for Event the
	// object that the event is about, it only says which object is meant.
	Object Object
	// Patch and PatchType are set for Patch and PatchStatus.
	Patch     []byte
	PatchType types.PatchType
	// Options are set for Delete. A Delete always carries a UID precondition
	// if Object has a UID.
	Options *metav1.DeleteOptions
	// Node is set for Bind.
	Node string
	// EventType, EventReason and Message are set for Event. Part is the field
	// of Object that it is about, if not the whole: "spec.containers{nginx}".
	EventType, EventReason, Message, Part string
	// Why is the component's reason, for people.
	Why string
}

// Plan is what one turn wants: API calls in order, and when to look again.
// It is data, so it can be shown before it is carried out, cut short to model
// a crash, or refused. When a call fails, the rest is dropped and the key is
// queued again with back-off; a failed Event is only noted.
type Plan struct {
	Calls []Call
	// Saw is what the component observed, one line each, for the trace.
	Saw []string
	// After, if positive, asks for another turn for this key that much later.
	After time.Duration
	// Background marks After as a heartbeat: Settle does not wait for it.
	Background bool
	// AfterWhy is the reason for After.
	AfterWhy string
}

// Observe notes for the trace what the component saw.
func (p *Plan) Observe(format string, args ...any) {
	p.Saw = append(p.Saw, fmt.Sprintf(format, args...))
}

// Create asks for a new object. Leave its name empty and set generateName to
// have one generated.
func (p *Plan) Create(o Object, why string, args ...any) {
	p.add(Call{Verb: Create, Object: o}, why, args)
}

// Update replaces an object except its status. A resourceVersion that has
// moved on gives a 409.
func (p *Plan) Update(o Object, why string, args ...any) {
	p.add(Call{Verb: Update, Object: o}, why, args)
}

// UpdateStatus replaces an object's status only.
func (p *Plan) UpdateStatus(o Object, why string, args ...any) {
	p.add(Call{Verb: UpdateStatus, Object: o}, why, args)
}

// Finalize replaces a namespace's spec.finalizers.
func (p *Plan) Finalize(o Object, why string, args ...any) {
	p.add(Call{Verb: Finalize, Object: o}, why, args)
}

// Approve replaces the conditions of a CertificateSigningRequest, one of which
// says that it is approved or denied.
func (p *Plan) Approve(o Object, why string, args ...any) {
	p.add(Call{Verb: Approve, Object: o}, why, args)
}

// Patch sends a patch to an object.
func (p *Plan) Patch(o Object, t types.PatchType, patch []byte, why string, args ...any) {
	p.add(Call{Verb: Patch, Object: o, PatchType: t, Patch: patch}, why, args)
}

// PatchStatus sends a patch to an object's status subresource.
func (p *Plan) PatchStatus(o Object, t types.PatchType, patch []byte, why string, args ...any) {
	p.add(Call{Verb: PatchStatus, Object: o, PatchType: t, Patch: patch}, why, args)
}

// Delete deletes an object with default options: its own grace period,
// background propagation.
func (p *Plan) Delete(o Object, why string, args ...any) {
	p.DeleteWith(o, metav1.DeleteOptions{}, why, args...)
}

// DeleteWith deletes an object with options.
func (p *Plan) DeleteWith(o Object, opts metav1.DeleteOptions, why string, args ...any) {
	if uid := o.GetUID(); uid != "" {
		if opts.Preconditions == nil {
			opts.Preconditions = &metav1.Preconditions{}
		} else {
			opts.Preconditions = opts.Preconditions.DeepCopy()
		}
		opts.Preconditions.UID = &uid
	}
	p.add(Call{Verb: Delete, Object: o, Options: &opts}, why, args)
}

// Bind assigns a Pod to a node through pods/binding.
func (p *Plan) Bind(pod Object, node, why string, args ...any) {
	p.add(Call{Verb: Bind, Object: pod, Node: node}, why, args)
}

// Event records an event about an object. Repeats are counted on the first
// one and floods are dropped, as client-go's recorder does.
func (p *Plan) Event(about Object, eventType, reason, message string, args ...any) {
	if len(args) > 0 {
		message = fmt.Sprintf(message, args...)
	}
	p.Calls = append(p.Calls, Call{Verb: Event, Object: about, EventType: eventType, EventReason: reason, Message: message})
}

// EventIn is Event about a part of an object, given by its field path:
// "spec.containers{nginx}". Repeats are counted for each part.
func (p *Plan) EventIn(about Object, part, eventType, reason, message string) {
	p.Calls = append(p.Calls, Call{Verb: Event, Object: about, Part: part, EventType: eventType, EventReason: reason, Message: message})
}

// RequeueAfter asks for another turn for this key after d of virtual time.
// The earliest of several requests wins.
func (p *Plan) RequeueAfter(d time.Duration, why string, args ...any) {
	p.requeue(d, false, why, args)
}

// Heartbeat is RequeueAfter for routine work that never ends (leases, node
// status, resyncs, deadlines): Settle does not wait for it.
func (p *Plan) Heartbeat(d time.Duration, why string, args ...any) { p.requeue(d, true, why, args) }

func (p *Plan) requeue(d time.Duration, background bool, why string, args []any) {
	if d <= 0 {
		d = time.Nanosecond
	}
	if p.After > 0 && p.After <= d {
		return
	}
	p.After, p.Background, p.AfterWhy = d, background, sprintf(why, args)
}

func (p *Plan) add(c Call, why string, args []any) {
	c.Why = sprintf(why, args)
	p.Calls = append(p.Calls, c)
}

func sprintf(format string, args []any) string {
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}
