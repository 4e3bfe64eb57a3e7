package apiserver

import (
	"slices"
	"strings"
	"time"
)

// How much one component may say about one object.
//
// Upstream: k8s.io/client-go/tools/record (events_cache.go), with the oldest message forgotten where upstream forgets one at random.
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
	// rememberedSeries bounds what is kept for a reason.
	rememberedSeries = 16
)

// eventSource is what one component said about one object, in events of one
// type. It is a row, so never changed once stored.
type eventSource struct {
	// credit pays for events: each costs eventRefill.
	credit time.Duration
	heard  time.Time // the last time, heeded or not

	reasons []eventReason
}

// eventReason is what was said for one reason.
type eventReason struct {
	reason   string
	heard    time.Time
	messages []string // different ones, oldest first
	series   []eventSeries
}

// eventSeries is one Event that is counted on.
type eventSeries struct {
	message string // what was said, empty for a combined event
	text    string // what the Event shows
	name    string // the Event's
	count   int32
	first   time.Time
}

func (r *EventRecord) sourceKey() string {
	return strings.Join([]string{r.Component, r.Host, r.About.Kind, r.About.Namespace, r.About.Name, string(r.About.UID), r.About.APIVersion, r.Type}, "|")
}

func newEventSource(now time.Time) *eventSource {
	return &eventSource{credit: eventBurst * eventRefill, heard: now}
}

// correlate finds the series that a record belongs to, and counts it. name
// names the Event of a new series.
func (s *eventSource) correlate(r *EventRecord, now time.Time, name func() string) eventSeries {
	about := s.about(r.Reason)
	if now.Sub(about.heard) > similarWithin {
		about.messages = nil
	}
	about.heard = now
	message, text := r.Message, r.Message
	if !slices.Contains(about.messages, message) {
		about.messages = append(slices.Clip(about.messages), message)
	}
	if len(about.messages) >= similarEvents {
		about.messages = about.messages[1:]
		message, text = "", combined+r.Message
	}
	about.series = slices.Clone(about.series)
	// The field path tells containers of a pod apart.
	key := r.About.FieldPath + "|" + message
	i := slices.IndexFunc(about.series, func(e eventSeries) bool { return e.message == key })
	if i < 0 {
		if len(about.series) == rememberedSeries {
			about.series = about.series[1:]
		}
		about.series = append(about.series, eventSeries{message: key, name: name(), first: now})
		i = len(about.series) - 1
	}
	about.series[i].count++
	about.series[i].text = text
	return about.series[i]
}

// about is the caller's own copy of what was said for a reason.
func (s *eventSource) about(reason string) *eventReason {
	for i := range s.reasons {
		if s.reasons[i].reason == reason {
			return &s.reasons[i]
		}
	}
	s.reasons = append(s.reasons, eventReason{reason: reason})
	return &s.reasons[len(s.reasons)-1]
}

// admit lets an event through if there is credit left.
func (s *eventSource) admit(now time.Time) bool {
	s.credit = min(s.credit+now.Sub(s.heard), eventBurst*eventRefill)
	s.heard = now
	if s.credit < eventRefill {
		return false
	}
	s.credit -= eventRefill
	return true
}
