package apiserver

import (
	"fmt"
	"iter"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	internalvalidation "k8s.io/apimachinery/pkg/apis/meta/internalversion/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

func (c *call) list() error {
	if c.req.Subresource != "" {
		return c.methodNotSupported()
	}
	opts := c.req.ListOptions
	if opts == nil {
		opts = &metav1.ListOptions{}
	}
	if err := validateListOptions(opts); err != nil {
		return err
	}
	selection, err := c.selection(opts)
	if err != nil {
		return err
	}
	from, err := c.openList(opts, selection.Namespace)
	if err != nil {
		return err
	}
	c.response.Revision = from.revision
	if err := c.convertListed(from, selection, opts.Limit); err != nil {
		return err
	}
	return c.collect(from, selection, opts.Limit)
}

// validateListOptions checks what the options say about revisions.
func validateListOptions(opts *metav1.ListOptions) error {
	if opts.ResourceVersionMatch == "" && opts.SendInitialEvents == nil {
		return nil
	}
	errs := internalvalidation.ValidateListOptions(&internalversion.ListOptions{
		ResourceVersion:      opts.ResourceVersion,
		ResourceVersionMatch: opts.ResourceVersionMatch,
		Continue:             opts.Continue,
		SendInitialEvents:    opts.SendInitialEvents,
	}, true)
	if len(errs) > 0 {
		return apierrors.NewInvalid(schema.GroupKind{Group: metav1.GroupName, Kind: "ListOptions"}, "", errs)
	}
	return nil
}

// listing is the objects that a list goes through, before any selector.
type listing struct {
	objects  iter.Seq[*store.Object]
	revision int64
	within   string // namespace, empty for all
}

// openList finds the snapshot to read: the one of the first page for a later
// page, the asked for one for an exact match, else the newest.
func (c *call) openList(opts *metav1.ListOptions, namespace string) (listing, error) {
	if opts.Continue != "" {
		return c.resumeList(opts, namespace)
	}
	snapshot := c.Store.Snapshot()
	asked, err := parseRevision(opts.ResourceVersion)
	if err != nil {
		return listing{}, apierrors.NewBadRequest(fmt.Sprintf("invalid resource version: %v", err))
	}
	exact := opts.ResourceVersionMatch == metav1.ResourceVersionMatchExact ||
		opts.ResourceVersionMatch == "" && opts.Limit > 0
	switch {
	case asked == 0:
	case exact:
		if snapshot, err = c.Store.At(asked); err != nil {
			return listing{}, err
		}
	default:
		if err := notOlderThan(snapshot, opts.ResourceVersion); err != nil {
			return listing{}, err
		}
	}
	return listing{snapshot.List(c.GroupResource, namespace), snapshot.Revision(), namespace}, nil
}

// collect takes the selected objects until the limit, and says how to go on.
// How many remain is only known if no selector has to be asked.
func (c *call) collect(from listing, selection Selection, limit int64) error {
	everything := selection.isEverything()
	var items []runtime.Object
	var remaining int64
	for o := range from.objects {
		full := limit > 0 && int64(len(items)) == limit
		if full && everything {
			remaining++
			continue
		}
		obj, err := c.current(o)
		if err != nil {
			return err
		}
		if !everything && !selection.Matches(obj) {
			continue
		}
		if full {
			remaining++
			break
		}
		items = append(items, obj)
	}
	c.response.Items = items
	if remaining == 0 {
		return nil
	}
	last := items[len(items)-1].(kinds.Object)
	c.response.Continue = encodeContinue(from.revision, startKey(from.within, last))
	if everything {
		c.response.Remaining = &remaining
	}
	return nil
}
