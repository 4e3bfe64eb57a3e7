package engine

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/store"
	"github.com/minik8s/minik8s/trace"
)

// carryOut makes the calls of a plan in order. The first refused one ends it:
// the rest is dropped. It returns the revision of the last write and the refusal.
func (e *Engine) carryOut(c reconcile.Component, w *Work, plan reconcile.Plan, t *trace.Turn) (written int64, refused error) {
	user := identity(c.User, w.Node)
	t.Calls = make([]trace.Call, len(plan.Calls))
	for n, call := range plan.Calls {
		t.Calls[n] = e.describe(call)
		if refused != nil {
			t.Calls[n].Dropped = true
			continue
		}
		origin := store.Origin{
			Tick: t.Tick, Time: t.Time, Actor: user.Name, Turn: t.Number,
			Component: t.Component, Key: t.Key, Cause: t.Cause, Reason: call.Why,
		}
		before := e.store.Revision()
		err := e.carryOutOne(c, w, call, user, origin, &t.Calls[n])
		if after := e.store.Revision(); after > before {
			t.Calls[n].Revision, written = after, after
		}
		if err != nil {
			t.Calls[n].Err = err.Error()
			if call.Verb != reconcile.Event {
				refused = err
			}
		}
	}
	return written, refused
}

// carryOutOne makes one call. A panic in the door is the call's error.
func (e *Engine) carryOutOne(c reconcile.Component, w *Work, call reconcile.Call, user apiserver.User, origin store.Origin, t *trace.Call) (err error) {
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
		return e.recordEvent(c, w, call, user, origin)
	}
	response, err := e.answered(requestFor(kind, call, user, origin))
	if named, ok := response.Object.(metav1.Object); ok && call.Verb == reconcile.Create && err == nil {
		t.Name = named.GetName()
	}
	return err
}

func (e *Engine) recordEvent(c reconcile.Component, w *Work, call reconcile.Call, user apiserver.User, origin store.Origin) error {
	origin.Reason = call.EventReason + ": " + strings.TrimSpace(call.Message)
	about := e.server.ReferenceTo(call.Object)
	about.FieldPath = call.Part
	return e.answeredRecord(apiserver.EventRecord{
		About:     about,
		Component: c.Name, Host: w.Node,
		Type: call.EventType, Reason: call.EventReason, Message: call.Message,
		User: user, Origin: origin,
	})
}

// requestFor is the API request that a call stands for.
func requestFor(kind *kinds.Kind, call reconcile.Call, user apiserver.User, origin store.Origin) apiserver.Request {
	r := apiserver.Request{
		Resource:  schema.GroupVersionResource{Group: kind.Group, Version: kind.Version, Resource: kind.Resource},
		Namespace: call.Object.GetNamespace(), Name: call.Object.GetName(),
		User: user, UserAgent: user.Name, Origin: origin,
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
