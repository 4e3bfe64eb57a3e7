// Package view turns a snapshot of the store and a time into what a component
// sees: a reconcile.View. The engine and unit tests use the same one, so
// there are no fakes.
//
// It models a controller's informer cache: possibly old, always consistent,
// indexed. It leaves out informers' per-kind lag (a view is one revision of
// the whole world).
//
// Read next: engine/turn.go for who makes views, decisiontest for tests.
package view

import (
	"iter"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/store"
)

// View is a frozen world at a virtual time.
type View struct {
	snapshot *store.Snapshot
	now      time.Time
}

// New returns the view of a snapshot.
func New(s *store.Snapshot, now time.Time) *View { return &View{snapshot: s, now: now} }

// Snapshot is what the view shows.
func (v *View) Snapshot() *store.Snapshot { return v.snapshot }

// Now is the virtual time of the view.
func (v *View) Now() time.Time { return v.now }

// Revision is the newest that the view has seen.
func (v *View) Revision() int64 { return v.snapshot.Revision() }

// Get implements reconcile.View.
func (v *View) Get(gr schema.GroupResource, k reconcile.Key) (reconcile.Object, bool) {
	o := v.snapshot.Get(gr, k.Namespace, k.Name)
	if o == nil {
		return nil, false
	}
	return o.Value.(reconcile.Object), true
}

// List implements reconcile.View.
func (v *View) List(gr schema.GroupResource, filters ...reconcile.Filter) []reconcile.Object {
	f := merge(filters)
	var found []reconcile.Object
	for o := range v.candidates(gr, f) {
		if (o.Resource != gr && gr != reconcile.AnyResource) || (f.Namespace != "" && o.Namespace != f.Namespace) || (f.Node != "" && o.Node != f.Node) {
			continue
		}
		value := o.Value.(reconcile.Object)
		if f.Selector != nil && !f.Selector.Matches(labels.Set(value.GetLabels())) {
			continue
		}
		found = append(found, value)
	}
	return found
}

// candidates picks the narrowest index; all of them are in key order.
func (v *View) candidates(gr schema.GroupResource, f reconcile.Filter) iter.Seq[*store.Object] {
	switch {
	case f.Owner != "":
		return v.snapshot.ListOwned(string(f.Owner))
	case f.Node != "":
		return v.snapshot.ListOnNode(f.Node)
	}
	return v.snapshot.List(gr, f.Namespace)
}

func merge(filters []reconcile.Filter) reconcile.Filter {
	var f reconcile.Filter
	for _, g := range filters {
		if g.Namespace != "" {
			f.Namespace = g.Namespace
		}
		if g.Owner != "" {
			f.Owner = g.Owner
		}
		if g.Node != "" {
			f.Node = g.Node
		}
		if g.Selector != nil {
			f.Selector = g.Selector
		}
	}
	return f
}
