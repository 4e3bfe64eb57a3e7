package kinds

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1conv "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

// An Event says what a component did about an object. The same events are
// served in two groups, and stored in the older form. The newer group has
// stricter rules.
//
// Upstream: pkg/registry/core/event (strategy), complete.
func event() *Kind {
	events := versions[corev1.Event, core.Event]{
		toInternal:   corev1conv.Convert_v1_Event_To_core_Event,
		fromInternal: corev1conv.Convert_core_Event_To_v1_Event,

		metadataUnchecked: true,
	}
	rules := func(written schema.GroupVersion) *Rules {
		return &Rules{
			Validate: events.validate(func(e *core.Event) field.ErrorList {
				return validation.ValidateEventCreate(e, written)
			}),
			ValidateUpdate: events.validateUpdate(func(e, old *core.Event) field.ErrorList {
				return validation.ValidateEventUpdate(e, old, written)
			}),
		}
	}
	lenient := rules(corev1.SchemeGroupVersion)
	return &Kind{
		GroupVersionKind: corev1.SchemeGroupVersion.WithKind("Event"),
		Resource:         "events",
		Singular:         "event",
		ShortNames:       []string{"ev"},
		Namespaced:       true,
		Aliases:          []schema.GroupVersion{eventsv1.SchemeGroupVersion},

		New:     func() Object { return &corev1.Event{} },
		Default: events.defaults,

		Validate:       lenient.Validate,
		ValidateUpdate: lenient.ValidateUpdate,
		AliasRules:     rules(eventsv1.SchemeGroupVersion),

		Uncollected:              true,
		TTL:                      time.Hour,
		AllowUnconditionalUpdate: true,
		AllowCreateOnUpdate:      true,

		Fields: eventFields,
		FieldNames: []string{
			"involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
			"involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath",
			"reason", "reportingComponent", "source", "type",
		},
	}
}

func eventFields(obj Object) fields.Set {
	e := obj.(*corev1.Event)
	source := e.Source.Component
	if source == "" {
		source = e.ReportingController
	}
	return fields.Set{
		"involvedObject.kind":            e.InvolvedObject.Kind,
		"involvedObject.namespace":       e.InvolvedObject.Namespace,
		"involvedObject.name":            e.InvolvedObject.Name,
		"involvedObject.uid":             string(e.InvolvedObject.UID),
		"involvedObject.apiVersion":      e.InvolvedObject.APIVersion,
		"involvedObject.resourceVersion": e.InvolvedObject.ResourceVersion,
		"involvedObject.fieldPath":       e.InvolvedObject.FieldPath,
		"reason":                         e.Reason,
		"reportingComponent":             e.ReportingController,
		"source":                         source,
		"type":                           e.Type,
	}
}
