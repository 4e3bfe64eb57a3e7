package apiserver

import (
	"strconv"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/minik8s/minik8s/store"
)

func (c *call) get() error {
	snapshot := c.Store.Snapshot()
	if o := c.req.GetOptions; o != nil && o.ResourceVersion != "" {
		if err := notOlderThan(snapshot, o.ResourceVersion); err != nil {
			return err
		}
	}
	stored := snapshot.Get(c.GroupResource, c.req.Namespace, c.req.Name)
	if stored == nil {
		return c.notFound()
	}
	obj, err := c.current(stored)
	if err != nil {
		return err
	}
	switch c.req.Subresource {
	case "", "status":
		if c.req.Subresource == "status" && c.Status == nil {
			return noSuchResource(c.req)
		}
		c.response.Object = obj
		return nil
	case "scale":
		if c.Scale == nil {
			return noSuchResource(c.req)
		}
		if err := c.checkScale(obj); err != nil {
			return err
		}
		c.response.Object = c.scaleOf(obj)
		return nil
	}
	if c.otherStrategy() != nil {
		c.response.Object = obj
		return nil
	}
	return c.methodNotSupported()
}

// notOlderThan checks that a snapshot has a revision that a client has seen.
func notOlderThan(snapshot *store.Snapshot, resourceVersion string) error {
	revision, err := parseRevision(resourceVersion)
	if err != nil {
		return err
	}
	if revision > snapshot.Revision() {
		return &store.RevisionError{Revision: revision, Oldest: snapshot.Oldest(), Newest: snapshot.Revision(), Err: store.ErrFuture}
	}
	return nil
}

// parseRevision reads what a client has seen. That it is no number is upstream's
// 400 for a list and, as it is, a 500 for a get.
func parseRevision(resourceVersion string) (int64, error) {
	if resourceVersion == "" {
		return 0, nil
	}
	revision, err := strconv.ParseUint(resourceVersion, 10, 63)
	if err != nil {
		return 0, field.Invalid(field.NewPath("resourceVersion"), resourceVersion, err.Error())
	}
	return int64(revision), nil
}
