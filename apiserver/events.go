package apiserver

import (
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/minik8s/minik8s/apiserver/admission"
	"github.com/minik8s/minik8s/apiserver/outside"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

// EventRecord is what a component has to say about an object. It becomes a
// new Event, or counts on an earlier one, or is dropped (see said.go).
type EventRecord struct {
	About corev1.ObjectReference
	// Component and Host are who says it.
	Component, Host string
	// Type is Normal or Warning.
	Type, Reason, Message string

	User   User
	Origin store.Origin
	// Answers are those to earlier questions, and Ticket is what the name is
	// drawn by, as in a Request.
	Answers []outside.Answer
	Ticket  int64
}

// ReferenceTo names an object as an Event does.
func (s *Server) ReferenceTo(obj kinds.Object) corev1.ObjectReference {
	gvk := obj.GetObjectKind().GroupVersionKind()
	if k, ok := s.Kinds.Of(obj); ok && gvk.Empty() {
		gvk = k.GroupVersionKind
	}
	return corev1.ObjectReference{
		APIVersion:      gvk.GroupVersion().String(),
		Kind:            gvk.Kind,
		Namespace:       obj.GetNamespace(),
		Name:            obj.GetName(),
		UID:             obj.GetUID(),
		ResourceVersion: obj.GetResourceVersion(),
	}
}

// RecordEvent writes an Event in the name of a component, as client-go's
// recorder in that component would. It returns nil if the record was dropped,
// because this component has said too much about this object. Errors are
// *apierrors.StatusError, or outside.Questions.
func (s *Server) RecordEvent(r EventRecord) (*corev1.Event, error) {
	namespace := r.About.Namespace
	if namespace == "" {
		namespace = metav1.NamespaceDefault
	}
	req := Request{
		Verb:      Create,
		Resource:  corev1.SchemeGroupVersion.WithResource(events.Resource),
		Namespace: namespace,
		User:      r.User,
		Origin:    r.Origin,
		Answers:   r.Answers,
		Ticket:    r.Ticket,
	}
	c := s.takeCall(req)
	defer s.giveBack(c)
	if err := c.begin(); err != nil {
		return nil, err
	}
	c.event = r
	if err := c.write(c.record); err != nil {
		return nil, c.asStatus(err)
	}
	event, _ := c.response.Object.(*corev1.Event)
	return event, nil
}

// record decides what becomes of a record: a new Event, one more of a stored
// one, or nothing.
func (c *call) record() error {
	r := &c.event
	said := c.saidBefore(r)
	if !said.admits(c.now) {
		return nil
	}
	text, earlier := said.correlate(r, c.now)
	if earlier != nil {
		event := *earlier
		event.Count, event.Message, event.LastTimestamp = event.Count+1, text, seconds(c.now)
		c.req.Name = event.Name
		return c.put(&event, c.tx.Get(events, event.Namespace, event.Name).ModRevision)
	}
	event := c.newEvent(r, text)
	if err := c.admitWhole(admission.Create, event, nil); err != nil {
		return err
	}
	// Made right here, it needs no defaults and no validation.
	c.fillSystemFields(event)
	c.req.Name = event.Name
	return c.put(event, 0)
}

func (c *call) newEvent(r *EventRecord, text string) *corev1.Event {
	return &corev1.Event{
		TypeMeta:            metav1.TypeMeta{Kind: "Event", APIVersion: "v1"},
		ObjectMeta:          metav1.ObjectMeta{Namespace: c.req.Namespace, Name: c.eventName(r)},
		InvolvedObject:      r.About,
		Reason:              r.Reason,
		Message:             text,
		Source:              corev1.EventSource{Component: r.Component, Host: r.Host},
		FirstTimestamp:      seconds(c.now),
		LastTimestamp:       seconds(c.now),
		Count:               1,
		Type:                r.Type,
		ReportingController: r.Component,
		ReportingInstance:   r.Host,
	}
}

// eventName is the object's name and a number of nanoseconds, as upstream's.
// Virtual time moves in ticks, so the revision tells those of one tick apart.
func (c *call) eventName(r *EventRecord) string {
	later := c.tx.Revision()
	if c.drawsByTicket() {
		later = int64(c.draw(drawEventName) % uint64(time.Second))
	}
	name := r.About.Name + "." + strconv.FormatInt(c.now.UnixNano()+later, 16)
	if len(validation.IsDNS1123Subdomain(name)) > 0 {
		return string(c.newUID())
	}
	return name
}
