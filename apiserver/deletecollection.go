package apiserver

import (
	"errors"
	"maps"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/apiserver/outside"
	"github.com/minik8s/minik8s/kinds"
)

// deleteCollection deletes the selected objects one by one. It stops at the
// first error; what is gone by then stays gone. If there are webhooks, all
// that they have to be asked is asked before the first object goes.
func (c *call) deleteCollection() error {
	if c.NoDeleteCollection {
		return c.methodNotSupported()
	}
	if opts := c.req.DeleteOptions; opts != nil {
		c.warnOfOrphans(opts)
	}
	if err := c.listToDelete(); err != nil {
		return err
	}
	if c.asksOutside() || c.conversions != nil {
		var questions outside.Questions
		if err := c.deleteItems(true); errors.As(err, &questions) {
			return err
		}
	}
	return c.deleteItems(false)
}

// listToDelete lists what is to be deleted, in pages: that makes a match of the
// resourceVersion exact which would not be for a list. The answer says of the
// list what it says of its first page.
//
// Upstream: k8s.io/apiserver/pkg/registry/generic/registry (Store.DeleteCollection).
func (c *call) listToDelete() error {
	if opts := c.req.ListOptions; opts != nil && opts.Limit != 0 {
		return c.list()
	}
	opts := metav1.ListOptions{}
	if c.req.ListOptions != nil {
		opts = *c.req.ListOptions
	}
	opts.Limit = deletedAtOnce
	c.req.ListOptions = &opts
	if err := c.list(); err != nil {
		return err
	}
	first, items := c.response, c.response.Items
	for c.response.Continue != "" {
		opts.Continue, opts.ResourceVersion, opts.ResourceVersionMatch = c.response.Continue, "", ""
		c.response = Response{}
		if err := c.list(); err != nil {
			return err
		}
		items = append(items, c.response.Items...)
	}
	c.response = first
	c.response.Items = items
	return nil
}

// deletedAtOnce is how many objects a page of a deletecollection has.
const deletedAtOnce = 10_000

// deleteItems deletes what was listed, or only rehearses it.
func (c *call) deleteItems(rehearsal bool) error {
	for _, item := range c.response.Items {
		obj := item.(kinds.Object)
		one := *c.req
		one.Verb, one.Namespace, one.Name = Delete, obj.GetNamespace(), obj.GetName()
		single := &call{Server: c.Server, resource: c.resource, req: &one, now: c.now, dryRun: c.dryRun, rehearsal: rehearsal, conversions: c.conversions, inCollection: true}
		err := single.write(single.delete)
		if !rehearsal {
			c.passOn(&single.response)
		}
		if err != nil && !apierrors.IsNotFound(err) {
			return single.asStatus(err)
		}
	}
	return nil
}

// passOn lets the client and the audit log hear what was said about one object
// of many.
func (c *call) passOn(one *Response) {
	for _, text := range one.Warnings {
		if !slices.Contains(c.response.Warnings, text) {
			c.response.Warnings = append(c.response.Warnings, text)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(one.Annotations)) {
		(*lentWorld)(c).Annotate(key, one.Annotations[key])
	}
}
