package apiserver

import (
	"errors"
	"fmt"
	"iter"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validation/path"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

// listing is the objects that a list goes through, before its selectors.
type listing struct {
	objects  iter.Seq[*store.Object]
	revision int64
	within   string // namespace, empty for all
}

// openList finds the snapshot to read: the one of the first page for a later
// page, the asked for one for an exact match, else the newest. A limit makes a
// match exact, but not that of a single object.
func (c *call) openList(opts *metav1.ListOptions, selection Selection) (listing, error) {
	if opts.Continue != "" {
		return c.resumeList(opts)
	}
	snapshot := c.Store.Snapshot()
	asked, err := parseRevision(opts.ResourceVersion)
	if err != nil {
		return listing{}, apierrors.NewBadRequest(fmt.Sprintf("invalid resource version: %v", err))
	}
	name, single := selection.single(c.Namespaced)
	limited := opts.ResourceVersionMatch == "" && opts.Limit > 0
	exact := opts.ResourceVersionMatch == metav1.ResourceVersionMatchExact
	switch {
	case asked == 0:
	case exact || limited && !single:
		snapshot, err = c.at(asked)
	default:
		err = notOlderThan(snapshot, opts.ResourceVersion)
	}
	if err != nil {
		if single && (exact || limited) {
			return listing{}, withoutRetry(err)
		}
		return listing{}, err
	}
	from := listing{revision: snapshot.Revision(), within: selection.Namespace}
	switch {
	case single:
		from.objects = one(snapshot.Get(c.GroupResource, selection.Namespace, name))
	default:
		from.objects = snapshot.List(c.GroupResource, selection.Namespace)
		if opts.Limit > 0 && !exact && !(limited && asked > 0) {
			from.objects = c.indexed(from.objects, selection)
		}
	}
	return from, nil
}

// single is the only name that a selection can have, if upstream looks it up
// instead of listing all.
func (s Selection) single(namespaced bool) (string, bool) {
	name, ok := s.Fields.RequiresExactMatch("metadata.name")
	if !ok || name == "" || namespaced && s.Namespace == "" || len(path.IsValidPathSegmentName(name)) > 0 {
		return "", false
	}
	return name, true
}

// one goes through an object, unless it is nil.
func one(o *store.Object) iter.Seq[*store.Object] {
	return func(yield func(*store.Object) bool) {
		if o != nil {
			yield(o)
		}
	}
}

// indexed is the objects that upstream finds in an index, which the selectors
// are asked about then. It shows in whether a limited list has more.
func (c *call) indexed(all iter.Seq[*store.Object], selection Selection) iter.Seq[*store.Object] {
	if c.IndexedField == "" {
		return all
	}
	value, ok := selection.Fields.RequiresExactMatch(c.IndexedField)
	if !ok {
		return all
	}
	return func(yield func(*store.Object) bool) {
		for o := range all {
			if c.Fields(o.Value.(kinds.Object)).Get(c.IndexedField) == value && !yield(o) {
				return
			}
		}
	}
}

// withoutRetry is a refusal that does not say when to come back: upstream asks
// etcd, and not its cache, which may have to catch up.
func withoutRetry(err error) error {
	var revision *store.RevisionError
	if !errors.As(err, &revision) {
		return err
	}
	status := revisionStatus(revision)
	if status.ErrStatus.Details != nil {
		status.ErrStatus.Details.RetryAfterSeconds = 0
	}
	return status
}
