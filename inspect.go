package minik8s

import (
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/engine"
	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/reconcile/nodelocal"
	"github.com/minik8s/minik8s/scheduler"
	"github.com/minik8s/minik8s/store"
	"github.com/minik8s/minik8s/trace"
	"github.com/minik8s/minik8s/view"
)

// TraceOptions choose turns of the past.
type TraceOptions struct {
	// Since leaves out the turns up to this number.
	Since int64
	// Limit keeps only the newest that many. Zero means all.
	Limit int
	// Resource, Namespace and Name, if set, keep the turns that wrote an object.
	Resource        schema.GroupResource
	Namespace, Name string
}

// Trace tells the retained past, oldest first, with what each call changed.
func (c *Cluster) Trace(o TraceOptions) []*trace.Turn {
	s := c.Store().Snapshot()
	var chosen []*trace.Turn
	for t := range engine.Turns(s, o.Since) {
		if o.Name == "" || touches(t, o) {
			chosen = append(chosen, t)
		}
	}
	if o.Limit > 0 && len(chosen) > o.Limit {
		chosen = chosen[len(chosen)-o.Limit:]
	}
	for i, t := range chosen {
		chosen[i] = tell(s, t)
	}
	return chosen
}

func touches(t *trace.Turn, o TraceOptions) bool {
	for _, call := range t.Calls {
		if call.Verb != string(reconcile.Event) && call.Name == o.Name && call.Namespace == o.Namespace && schema.ParseGroupResource(call.Resource) == o.Resource {
			return true
		}
	}
	return false
}

func told(e *engine.Engine, t *trace.Turn) *trace.Turn {
	if t == nil {
		return nil
	}
	return tell(e.Store().Snapshot(), t)
}

// tell fills in what a turn's record leaves to be looked up in the change
// log: what woke it, and what each of its writes changed.
func tell(s *store.Snapshot, t *trace.Turn) *trace.Turn {
	full := *t
	if full.Woken == "" && full.Cause > 0 {
		full.Woken = describeCause(s, full.Cause)
	}
	full.Calls = append([]trace.Call(nil), t.Calls...)
	for i := range full.Calls {
		if change, err := s.Change(full.Calls[i].Revision); err == nil && full.Calls[i].Revision > 0 {
			full.Calls[i].Diff = diff(change)
		}
	}
	return &full
}

func diff(c *store.Change) []string { return trace.Diff(object(c.Before), object(c.After)) }

func object(o *store.Object) runtime.Object {
	if o == nil {
		return nil
	}
	return o.Value.(runtime.Object)
}

func describeCause(s *store.Snapshot, revision int64) string {
	c, err := s.Change(revision)
	if err != nil {
		return fmt.Sprintf("the change of revision %d", revision)
	}
	r := revisionOf(c)
	who := c.Component
	if who == "" {
		who = c.Actor
	}
	return fmt.Sprintf("%s of %s %s by %s", r.Verb, r.Resource, reconcile.Key{Namespace: r.Namespace, Name: r.Name}, who)
}

func revisionOf(c *store.Change) trace.Revision {
	verb := "update"
	switch {
	case c.Before == nil:
		verb = "create"
	case c.After == nil:
		verb = "delete"
	}
	o := c.Object()
	return trace.Revision{
		Number: c.Revision, Tick: c.Tick, Time: c.Time, Turn: c.Turn, Input: c.Input,
		Actor: c.Actor, Component: c.Component, Key: c.Key, Cause: c.Cause,
		Verb: verb, Resource: o.Resource.String(), Namespace: o.Namespace, Name: o.Name, Why: c.Reason,
	}
}

// ErrNoSuchObject is what Why and History answer for an object of which the
// retained past knows nothing.
var ErrNoSuchObject = errors.New("no such object, now or in the retained past")

// History lists the retained revisions of an object, oldest first.
func (c *Cluster) History(gr schema.GroupResource, namespace, name string) ([]trace.Revision, error) {
	s := c.Store().Snapshot()
	changes, err := s.Changes(s.Oldest() - 1)
	if err != nil {
		return nil, err
	}
	var all []trace.Revision
	for change := range changes {
		if o := change.Object(); o.Resource == gr && o.Namespace == namespace && o.Name == name {
			r := revisionOf(change)
			r.Diff = diff(change)
			all = append(all, r)
		}
	}
	if len(all) == 0 && s.Get(gr, namespace, name) == nil {
		return nil, fmt.Errorf("%s %s: %w", gr, reconcile.Key{Namespace: namespace, Name: name}, ErrNoSuchObject)
	}
	return all, nil
}

// Why walks back from an object's newest change to the command that caused
// it: from each change to the one that woke its author. Newest first.
func (c *Cluster) Why(gr schema.GroupResource, namespace, name string) ([]trace.Link, error) {
	history, err := c.History(gr, namespace, name)
	if err != nil {
		return nil, err
	}
	if len(history) == 0 {
		return nil, fmt.Errorf("the changes of %s %s are no longer retained: the oldest revision is %d", gr, name, c.Store().Snapshot().Oldest())
	}
	return walkBack(c.Store().Snapshot(), history[len(history)-1].Number), nil
}

func walkBack(s *store.Snapshot, revision int64) []trace.Link {
	var chain []trace.Link
	for {
		change, err := s.Change(revision)
		if err != nil {
			chain[len(chain)-1].Ends = err.Error()
			return chain
		}
		link := trace.Link{Revision: revisionOf(change)}
		revision = causeOf(change)
		if change.Turn > 0 && revision == 0 {
			link.Ends = "no change woke it: a heartbeat or a start did"
		}
		chain = append(chain, link)
		if revision == 0 {
			return chain
		}
	}
}

// causeOf is the change that led to a change, or zero. One turn of a component
// that works on its whole queue is woken by the first of many; what led it to
// an object is what was done to that object before.
func causeOf(c *store.Change) int64 {
	whole := c.Turn > 0 && c.Key == reconcile.Single.String()
	if whole && c.Before != nil {
		return c.Before.ModRevision
	}
	return c.Cause
}

// WhySchedule shows how each node fared when the scheduler placed a Pod, or
// would fare now if it has not been placed.
func (c *Cluster) WhySchedule(namespace, name string) (scheduler.Explanation, error) {
	key := reconcile.Key{Namespace: namespace, Name: name}
	s := c.Store().Snapshot()
	pod, ok := reconcile.Pods.Get(view.New(s, c.Now()), key)
	if !ok {
		return scheduler.Explanation{}, fmt.Errorf("pods %q not found in namespace %q", name, namespace)
	}
	if pod.Spec.NodeName == "" {
		return scheduler.Explain(view.New(s, c.Now()), pod), nil
	}
	bound, err := bindingOf(s, namespace, name)
	if err != nil {
		return scheduler.Explanation{}, err
	}
	before, err := c.viewOfTurn(bound)
	if err != nil {
		return scheduler.Explanation{}, err
	}
	return scheduler.Explain(before, pod), nil
}

// bindingOf finds the change that gave a Pod its node.
func bindingOf(s *store.Snapshot, namespace, name string) (*store.Change, error) {
	for o := s.Get(reconcile.Pods.GroupResource, namespace, name); o != nil; {
		c, err := s.Change(o.ModRevision)
		if err != nil {
			return nil, fmt.Errorf("the binding of pod %q: %w", name, err)
		}
		if c.Before == nil || c.Before.Node != o.Node {
			return c, nil
		}
		o = c.Before
	}
	return nil, fmt.Errorf("pod %q has no binding", name)
}

// viewOfTurn is what the turn saw that made a change.
func (c *Cluster) viewOfTurn(change *store.Change) (*view.View, error) {
	revision := change.Revision - 1
	if t, ok := engine.TurnOf(c.Store().Snapshot(), change.Turn); ok {
		revision = t.SawRevision
	}
	s, err := c.Store().At(revision)
	if err != nil {
		return nil, err
	}
	return view.New(s, change.Time), nil
}

// ProxyRules are what kube-proxy has programmed on a node.
func (c *Cluster) ProxyRules(node string) ([]*nodelocal.ProxyRules, error) {
	v := view.New(c.Store().Snapshot(), c.Now())
	if _, ok := reconcile.Machines.Get(v, reconcile.Key{Name: node}); !ok {
		return nil, fmt.Errorf("nodes %q not found", node)
	}
	return reconcile.ProxyRules.List(v, reconcile.InNamespace(node)), nil
}
