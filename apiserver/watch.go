package apiserver

import (
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

// Event is what a watcher of the selection sees of a change, if anything. An
// object that a change brings into the selection is ADDED for this watcher,
// one that it takes out is DELETED. The object is frozen. A custom resource
// that cannot be converted makes an ERROR.
func (s Selection) Event(change *store.Change) (watch.Event, bool) {
	after, errAfter := s.Selected(change.After)
	if after != nil && change.Before != nil && s.isEverything() { // what it was like need not be known
		return watch.Event{Type: watch.Modified, Object: after}, true
	}
	before, err := s.Selected(change.Before)
	switch {
	case err != nil:
		return watch.Event{Type: watch.Error, Object: &apierrors.NewInternalError(err).ErrStatus}, true
	case errAfter != nil:
		return watch.Event{Type: watch.Error, Object: &apierrors.NewInternalError(errAfter).ErrStatus}, true
	case before == nil && after == nil:
		return watch.Event{}, false
	case before == nil:
		return watch.Event{Type: watch.Added, Object: after}, true
	case after == nil:
		return watch.Event{Type: watch.Deleted, Object: asDeleted(before, change.Revision)}, true
	}
	return watch.Event{Type: watch.Modified, Object: after}, true
}

// Selected is a stored object as it is served, if it is in the selection, else
// nil. The error is that of a custom resource's conversion.
func (s Selection) Selected(o *store.Object) (kinds.Object, error) {
	if o == nil || o.Resource != s.Resource || s.Namespace != "" && o.Namespace != s.Namespace {
		return nil, nil
	}
	obj, err := asServed(s.kind, o)
	if err != nil || !s.Matches(obj) {
		return nil, err
	}
	return obj, nil
}

// asDeleted is the last state of an object, at the revision of its going, so
// that a watcher can go on from there.
func asDeleted(obj kinds.Object, revision int64) kinds.Object {
	gone := shallow(obj)
	gone.SetResourceVersion(strconv.FormatInt(revision, 10))
	return gone
}
