package apiserver

import (
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	internalvalidation "k8s.io/apimachinery/pkg/apis/meta/internalversion/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/kinds"
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
	from, err := c.openList(opts, selection)
	if err != nil {
		return err
	}
	c.response.Revision = from.revision
	limit := opts.Limit
	if opts.ResourceVersion == "0" {
		limit = 0 // upstream's cache has no pages for who takes anything
	}
	if err := c.convertListed(from, selection, limit); err != nil {
		return err
	}
	return c.collect(from, selection, limit)
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

// collect takes the selected objects until the limit, and says how to go on.
// Objects that come after are not asked whether they are selected, so the last
// page may be empty, and how many remain is only said if all are.
func (c *call) collect(from listing, selection Selection, limit int64) error {
	everything := selection.isEverything()
	var items []runtime.Object
	var remaining int64
	for o := range from.objects {
		if limit > 0 && int64(len(items)) == limit {
			remaining++
			if everything {
				continue
			}
			break
		}
		obj, err := c.current(o)
		if err != nil {
			return err
		}
		if everything || selection.Matches(obj) {
			items = append(items, obj)
		}
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
