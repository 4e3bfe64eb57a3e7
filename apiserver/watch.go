package apiserver

import (
	"strconv"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

// Event is what a watcher of the selection sees of a change, if anything. An
// object that a change brings into the selection is ADDED for this watcher,
// one that it takes out is DELETED. The object is frozen.
func (s Selection) Event(change *store.Change) (watch.Event, bool) {
	before, after := s.selected(change.Before), s.selected(change.After)
	switch {
	case before == nil && after == nil:
		return watch.Event{}, false
	case before == nil:
		return watch.Event{Type: watch.Added, Object: after}, true
	case after == nil:
		return watch.Event{Type: watch.Deleted, Object: asDeleted(before, change.Revision)}, true
	}
	return watch.Event{Type: watch.Modified, Object: after}, true
}

// Includes says whether a stored object is in the selection.
func (s Selection) Includes(o *store.Object) bool { return s.selected(o) != nil }

func (s Selection) selected(o *store.Object) kinds.Object {
	if o == nil || o.Resource != s.Resource || s.Namespace != "" && o.Namespace != s.Namespace {
		return nil
	}
	obj := o.Value.(kinds.Object)
	if !s.Matches(obj) {
		return nil
	}
	return obj
}

// asDeleted is the last state of an object, at the revision of its going, so
// that a watcher can go on from there.
func asDeleted(obj kinds.Object, revision int64) runtime.Object {
	gone := shallow(obj)
	gone.SetResourceVersion(strconv.FormatInt(revision, 10))
	return gone
}
