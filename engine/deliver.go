package engine

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/store"
	"github.com/minik8s/minik8s/view"
)

// delivery turns changes into work.
type delivery struct {
	*Engine
	tx *store.Tx
	// wake makes a key of an instance due at once. cause is the revision of the
	// change that did it; without one, why says it in words.
	wake func(i instance, k reconcile.Key, cause int64, why string)
}

// deliver turns the changes since the last tick into work, for all instances
// up to where each one's view has come. snapshot is the tick's own.
func (e delivery) deliver(snapshot *store.Snapshot) error {
	if err := e.deliverTo(snapshot, e.state.Delivered, func(i instance) bool { return e.slowIndex(i) < 0 }); err != nil {
		return err
	}
	e.state.Delivered = snapshot.Revision()
	return e.deliverSlow()
}

// deliverTo turns the changes after a revision, up to that of the snapshot,
// into work of the instances that are wanted.
func (e delivery) deliverTo(snapshot *store.Snapshot, after int64, wanted func(instance) bool) error {
	changes, err := snapshot.Changes(after)
	if err != nil {
		return err
	}
	v := e.view(snapshot)
	for c := range changes {
		for _, s := range e.subscribers(c.Object()) {
			e.wakeFor(v, s, c, wanted)
		}
		if c.Object().Resource == reconcile.Machines.GroupResource {
			e.machineChanged(v, c, wanted)
		}
	}
	return nil
}

// subscribers are the watches of an object's resource.
func (e *Engine) subscribers(o *store.Object) []subscription {
	if _, custom := o.Value.(*unstructured.Unstructured); custom {
		return slices.Concat(e.subscribed[o.Resource], e.subscribed[reconcile.CustomResources])
	}
	return e.subscribed[o.Resource]
}

// wakeFor wakes the keys that a change concerns: those of the object as it was
// and as it is.
func (e delivery) wakeFor(v *view.View, s subscription, c *store.Change, wanted func(instance) bool) {
	before, after := valueOf(c.Before), valueOf(c.After)
	if s.When != nil && !s.When(before, after) {
		return
	}
	for _, o := range [...]reconcile.Object{before, after} {
		if o != nil {
			e.wakeInstances(v, s, o, c.Revision, wanted)
		}
	}
}

// wakeInstances wakes the instances of the subscribed component that an object
// concerns: the only one, the one on the object's machine, or all.
func (e delivery) wakeInstances(v *view.View, s subscription, o reconcile.Object, cause int64, wanted func(instance) bool) {
	i := instance{component: s.component}
	if e.opts.Components[s.component].PerNode {
		if s.Node == nil {
			e.wakeEverywhere(v, s, o, cause, wanted)
			return
		}
		if i.node = s.Node(o); i.node == "" {
			return
		}
		if _, exists := reconcile.Machines.Get(v, reconcile.Key{Name: i.node}); !exists {
			return
		}
	}
	if !wanted(i) {
		return
	}
	if s.Keys == nil {
		e.wake(i, reconcile.KeyOf(o), cause, "")
		return
	}
	for _, k := range s.Keys(v, o) {
		e.wake(i, k, cause, "")
	}
}

func (e delivery) wakeEverywhere(v *view.View, s subscription, o reconcile.Object, cause int64, wanted func(instance) bool) {
	keys := keysOf(v, s, o)
	for _, m := range reconcile.Machines.List(v) {
		if i := (instance{s.component, m.Name}); wanted(i) {
			for _, k := range keys {
				e.wake(i, k, cause, "")
			}
		}
	}
}

func keysOf(v *view.View, s subscription, o reconcile.Object) []reconcile.Key {
	if s.Keys == nil {
		return []reconcile.Key{reconcile.KeyOf(o)}
	}
	return s.Keys(v, o)
}

// machineChanged starts the instances of a new machine and drops those of one
// that is gone.
func (e delivery) machineChanged(v *view.View, c *store.Change, wanted func(instance) bool) {
	if c.Before != nil && c.After != nil {
		return
	}
	for n, component := range e.opts.Components {
		i := instance{n, c.Object().Name}
		switch {
		case !component.PerNode || !wanted(i):
		case c.After != nil:
			e.start(i, v, "start on a new machine")
		default:
			e.dropAll(e.tx, i)
		}
	}
}

// start gives an instance what a process has to do when it comes up: its own
// start keys, and a key for all there is already, as an informer's first list
// does.
func (e delivery) start(i instance, v *view.View, why string) {
	c := e.opts.Components[i.component]
	if c.Starts != nil {
		for _, k := range c.Starts(i.node) {
			e.wake(i, k, 0, why)
		}
	}
	for _, w := range c.Watches {
		s := subscription{i.component, w}
		for _, o := range e.listWatched(v, w.Resource) {
			if w.When != nil && !w.When(nil, o) || w.Node != nil && w.Node(o) != i.node {
				continue
			}
			for _, k := range keysOf(v, s, o) {
				e.wake(i, k, 0, why)
			}
		}
	}
}

// listWatched lists the objects that a watch is about.
func (e *Engine) listWatched(v *view.View, watched schema.GroupResource) []reconcile.Object {
	if watched != reconcile.CustomResources {
		return v.List(watched)
	}
	var all []reconcile.Object
	for _, k := range e.server.World().Custom() {
		all = append(all, v.List(k.GroupResource())...)
	}
	return all
}

// dropAll forgets an instance's queue.
func (e *Engine) dropAll(tx *store.Tx, i instance) {
	e.cutShort(i)
	e.state.Queue = slices.DeleteFunc(slices.Clone(e.state.Queue), func(w *Work) bool { return w.component == i.component && w.Node == i.node })
	prefix := instancePrefix(i)
	for name := range e.store.Snapshot().Rows(workRows, prefix) {
		dropWork(tx, name)
	}
	for name := range e.store.Snapshot().Rows(ownRows, prefix) {
		tx.DeleteRow(ownRows, name)
	}
}

func valueOf(o *store.Object) reconcile.Object {
	if o == nil {
		return nil
	}
	return o.Value.(reconcile.Object)
}
