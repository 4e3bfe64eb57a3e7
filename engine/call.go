package engine

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/outside"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/store"
	"github.com/minik8s/minik8s/trace"
)

// carryOut makes the calls of a plan that are still to be made, in order. The
// first refused one ends it: the rest is dropped. If a call needs answers from
// outside, they are what is returned, and the call is yet to be made.
func (e *Engine) carryOut(u *underWay) outside.Questions {
	t := u.turn
	component := &e.opts.Components[u.work.component]
	from := caller{name: component.Name, node: u.work.Node, User: identity(component.User, u.work.Node)}
	for ; u.made < len(u.plan.Calls); u.made++ {
		call, told := u.plan.Calls[u.made], &t.Calls[u.made]
		*told = e.describe(call)
		if u.refused {
			told.Dropped = true
			continue
		}
		from.origin = store.Origin{
			Tick: t.Tick, Time: t.Time, Actor: from.Name, Turn: t.Number,
			Component: t.Component, Key: t.Key, Cause: t.Cause, Reason: call.Why,
		}
		before := e.store.Revision()
		from.answers, from.ticket = u.answers, u.ticket()
		err := e.carryOutOne(&from, call, told)
		if questions := outside.QuestionsIn(err); questions != nil {
			if len(u.answers) < mostAnswers {
				return questions
			}
			err = outside.ErrTooLate
		}
		u.answers = nil
		if after := e.store.Revision(); after > before {
			told.Revision, u.written = after, after
		}
		if err != nil {
			told.Err = err.Error()
			if call.Verb != reconcile.Event {
				u.refuse(err)
			}
		}
	}
	return nil
}

// caller is who makes the calls of a plan, what the change log says of it, and
// what goes with the call at hand.
type caller struct {
	name, node string // of the component and its instance
	apiserver.User
	origin  store.Origin
	answers []outside.Answer
	ticket  int64
}

// carryOutOne makes one call. A panic in the door is the call's error.
func (e *Engine) carryOutOne(from *caller, call reconcile.Call, t *trace.Call) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s %s %s/%s panicked: %v", call.Verb, t.Resource, t.Namespace, t.Name, r)
		}
	}()
	kind, ok := e.kindOf(call.Object)
	if !ok {
		return fmt.Errorf("%s of an unknown kind %T", call.Verb, call.Object)
	}
	if call.Verb == reconcile.Event {
		return e.recordEvent(from, call)
	}
	response, err := e.server.Do(requestFor(kind, call, from))
	if named, ok := response.Object.(metav1.Object); ok && call.Verb == reconcile.Create && err == nil {
		t.Name = named.GetName()
	}
	return err
}

func (e *Engine) recordEvent(from *caller, call reconcile.Call) error {
	origin := from.origin
	origin.Reason = call.EventReason + ": " + strings.TrimSpace(call.Message)
	about := e.server.ReferenceTo(call.Object)
	about.FieldPath = call.Part
	_, err := e.server.RecordEvent(apiserver.EventRecord{
		About:     about,
		Component: from.name, Host: from.node,
		Type: call.EventType, Reason: call.EventReason, Message: call.Message,
		User: from.User, Origin: origin, Answers: from.answers, Ticket: from.ticket,
	})
	return err
}

// requestFor is the API request that a call stands for.
func requestFor(kind *kinds.Kind, call reconcile.Call, from *caller) apiserver.Request {
	r := apiserver.Request{
		Resource:  schema.GroupVersionResource{Group: kind.Group, Version: kind.Version, Resource: kind.Resource},
		Namespace: call.Object.GetNamespace(), Name: call.Object.GetName(),
		User: from.User, UserAgent: from.Name, Origin: from.origin, Answers: from.answers, Ticket: from.ticket,
	}
	switch call.Verb {
	case reconcile.Create:
		r.Verb, r.Name, r.Object = apiserver.Create, "", call.Object
	case reconcile.Update:
		r.Verb, r.Object = apiserver.Update, call.Object
	case reconcile.UpdateStatus:
		r.Verb, r.Object, r.Subresource = apiserver.Update, call.Object, "status"
	case reconcile.Finalize:
		r.Verb, r.Object, r.Subresource = apiserver.Update, call.Object, "finalize"
	case reconcile.Approve:
		r.Verb, r.Object, r.Subresource = apiserver.Update, call.Object, "approval"
	case reconcile.Patch:
		r.Verb, r.Patch, r.PatchType = apiserver.Patch, call.Patch, call.PatchType
	case reconcile.PatchStatus:
		r.Verb, r.Patch, r.PatchType, r.Subresource = apiserver.Patch, call.Patch, call.PatchType, "status"
	case reconcile.Delete:
		r.Verb, r.DeleteOptions = apiserver.Delete, call.Options
	case reconcile.Bind:
		r.Verb, r.Subresource = apiserver.Create, "binding"
		r.Object = &corev1.Binding{
			ObjectMeta: metav1.ObjectMeta{Namespace: r.Namespace, Name: r.Name, UID: call.Object.GetUID()},
			Target:     corev1.ObjectReference{Kind: "Node", Name: call.Node},
		}
	}
	return r
}

// identity is the API user of a component's instance, with the groups that
// upstream gives it.
func identity(name, node string) apiserver.User {
	name = strings.Replace(name, "%s", node, 1)
	u := apiserver.User{Name: name, Groups: []string{"system:authenticated"}}
	switch parts := strings.Split(name, ":"); {
	case strings.HasPrefix(name, "system:serviceaccount:") && len(parts) == 4:
		u.Groups = []string{"system:serviceaccounts", "system:serviceaccounts:" + parts[2], "system:authenticated"}
	case name == "system:apiserver":
		u.Groups = []string{"system:masters", "system:authenticated"}
	case strings.HasPrefix(name, "system:node:"):
		u.Groups = []string{"system:nodes", "system:authenticated"}
	}
	return u
}

// kindOf finds the kind of what a plan writes: a built-in one without a look
// at the world.
func (e *Engine) kindOf(o reconcile.Object) (*kinds.Kind, bool) {
	if k, ok := e.server.Kinds.Of(o); ok {
		return k, true
	}
	return e.server.World().Of(o)
}

// describe is a call before it is made.
func (e *Engine) describe(call reconcile.Call) trace.Call {
	t := trace.Call{Verb: string(call.Verb), Namespace: call.Object.GetNamespace(), Name: call.Object.GetName(), Why: call.Why}
	if kind, ok := e.kindOf(call.Object); ok {
		t.Resource = kind.GroupResource().String()
	}
	switch call.Verb {
	case reconcile.Event:
		t.Why = call.EventReason + ": " + strings.TrimSpace(call.Message)
	case reconcile.Bind:
		t.Why = "to " + call.Node + ", " + call.Why
	}
	return t
}
