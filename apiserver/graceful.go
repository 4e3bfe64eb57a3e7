package apiserver

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/kinds"
)

// startGracefulDeletion gives an object its deletion timestamp if its kind
// grants one. graceful says that it did; pending that an earlier deletion
// goes on as it was.
//
// Upstream: k8s.io/apiserver/pkg/registry/rest (BeforeDelete).
func (c *call) startGracefulDeletion(obj kinds.Object, opts *metav1.DeleteOptions) (graceful, pending bool) {
	if c.GracePeriod == nil {
		return false, false
	}
	asked := opts.GracePeriodSeconds
	if asked != nil && *asked < 0 {
		one := int64(1)
		asked = &one
	}
	if obj.GetDeletionTimestamp() != nil {
		return c.shortenGracePeriod(obj, asked)
	}
	period := c.GracePeriod(obj, asked)
	deadline := seconds(c.now.Add(time.Duration(period) * time.Second))
	obj.SetDeletionTimestamp(&deadline)
	obj.SetDeletionGracePeriodSeconds(&period)
	bumpGeneration(obj)
	return true, false
}

// shortenGracePeriod is a second deletion of the same object: it can bring
// the end nearer, but not put it off.
func (c *call) shortenGracePeriod(obj kinds.Object, asked *int64) (graceful, pending bool) {
	current := obj.GetDeletionGracePeriodSeconds()
	if current == nil || *current == 0 {
		return false, false
	}
	if asked == nil || *asked >= *current {
		return false, true
	}
	period := *asked
	began := obj.GetDeletionTimestamp().Add(-time.Duration(*current) * time.Second)
	deadline := seconds(began.Add(time.Duration(period) * time.Second))
	if now := seconds(c.now); deadline.Before(&now) {
		deadline = now
		if period != 0 {
			period = 1
		}
	}
	obj.SetDeletionTimestamp(&deadline)
	obj.SetDeletionGracePeriodSeconds(&period)
	return true, false
}

// markAsDeleting is for an object without a grace period that finalizers
// still hold back.
func (c *call) markAsDeleting(obj kinds.Object) {
	if obj.GetDeletionTimestamp() == nil {
		bumpGeneration(obj)
	}
	now := seconds(c.now)
	if t := obj.GetDeletionTimestamp(); t == nil || t.After(now.Time) {
		obj.SetDeletionTimestamp(&now)
	}
	obj.SetDeletionGracePeriodSeconds(new(int64))
}

// bumpGeneration tells controllers that what they should do has changed, for
// kinds that count generations.
func bumpGeneration(obj kinds.Object) {
	if g := obj.GetGeneration(); g > 0 {
		obj.SetGeneration(g + 1)
	}
}
