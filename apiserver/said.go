package apiserver

import (
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// How much one component may say about one object.
const (
	// A component may write eventBurst events about an object, and one more
	// each eventRefill.
	eventBurst  = 25
	eventRefill = 5 * time.Minute
	// From the tenth different message for one reason on, without a pause of
	// ten minutes, messages are combined in one event.
	similarEvents = 10
	similarWithin = 10 * time.Minute
	combined      = "(combined from similar events): "
)

// said is what one component has said about one object, in events of one
// type: the stored Events themselves, in the order of their names, which is
// that of time.
//
// Upstream: k8s.io/client-go/tools/record (EventCorrelator), which keeps this in the component's memory: it also counts what it drops, and does not forget with the Events after an hour.
type said []*corev1.Event

// saidBefore finds the stored Events of the record's source about its object.
// Their names begin with the object's.
func (c *call) saidBefore(r *EventRecord) said {
	var found said
	prefix := r.About.Name + "."
	for o := range c.tx.ListFrom(events, c.req.Namespace, c.req.Namespace, prefix) {
		if !strings.HasPrefix(o.Name, prefix) {
			break
		}
		if e := o.Value.(*corev1.Event); r.isOfSource(e) {
			found = append(found, e)
		}
	}
	return found
}

func (r *EventRecord) isOfSource(e *corev1.Event) bool {
	a, b := &r.About, &e.InvolvedObject
	return e.Type == r.Type && e.Source.Component == r.Component && e.Source.Host == r.Host &&
		a.UID == b.UID && a.Name == b.Name && a.Namespace == b.Namespace && a.Kind == b.Kind && a.APIVersion == b.APIVersion
}

// admits says whether the source has credit for one more event.
func (s said) admits(now time.Time) bool {
	if len(s) == 0 {
		return true
	}
	first, spent := now, int64(0)
	for _, e := range s {
		spent += int64(e.Count)
		if e.FirstTimestamp.Time.Before(first) {
			first = e.FirstTimestamp.Time
		}
	}
	return spent < eventBurst+int64(now.Sub(first)/eventRefill)
}

// correlate finds the Event that a record is one more of, or nil, and the text
// to show: the record's own or, for one of many similar ones, a combined one.
func (s said) correlate(r *EventRecord, now time.Time) (text string, earlier *corev1.Event) {
	var messages []string
	var together *corev1.Event
	for _, e := range s {
		switch {
		case e.Reason != r.Reason:
		case e.Message == r.Message && e.InvolvedObject.FieldPath == r.About.FieldPath:
			return r.Message, e
		case now.Sub(e.LastTimestamp.Time) > similarWithin:
		case strings.HasPrefix(e.Message, combined):
			together = e
		case !slices.Contains(messages, e.Message):
			messages = append(messages, e.Message)
		}
	}
	if len(messages)+1 < similarEvents {
		return r.Message, nil
	}
	return combined + r.Message, together
}
