package clientgo

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/tools/record"
)

// subject is what the recorders have something to say about.
func subject(t *testing.T, client kubernetes.Interface, ns string) *corev1.ConfigMap {
	t.Helper()
	subject, err := client.CoreV1().ConfigMaps(ns).Create(t.Context(), configMap("subject", nil), metav1.CreateOptions{})
	require.NoError(t, err)
	return subject
}

// TestEventRecorder counts an event that comes again.
func TestEventRecorder(t *testing.T) {
	client, ns := client(t)
	broadcaster := record.NewBroadcaster()
	defer broadcaster.Shutdown()
	broadcaster.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: client.CoreV1().Events(ns)})
	recorder := broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "wire"})
	about := subject(t, client, ns)
	for range 3 {
		recorder.Event(about, corev1.EventTypeNormal, "Tested", "it works")
	}
	eventually(t, func() bool {
		list, err := client.CoreV1().Events(ns).List(t.Context(), metav1.ListOptions{FieldSelector: "involvedObject.name=subject,reason=Tested"})
		return err == nil && len(list.Items) == 1 && list.Items[0].Count == 3
	}, "one event, counted three times")

	// It is the same object in the other group.
	list, err := client.EventsV1().Events(ns).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1)
	require.Equal(t, "it works", list.Items[0].Note)
	require.EqualValues(t, 3, list.Items[0].DeprecatedCount)
}

// TestNewEventRecorder turns an event that comes again into a series.
func TestNewEventRecorder(t *testing.T) {
	client, ns := client(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	broadcaster := events.NewBroadcaster(&events.EventSinkImpl{Interface: client.EventsV1()})
	defer broadcaster.Shutdown()
	require.NoError(t, broadcaster.StartRecordingToSinkWithContext(ctx))
	recorder := broadcaster.NewRecorder(scheme.Scheme, "example.com/wire")
	about := subject(t, client, ns)
	for range 2 {
		recorder.Eventf(about, nil, corev1.EventTypeWarning, "Tested", "Testing", "it works %s", "too")
	}
	var found []eventsv1.Event
	eventually(t, func() bool {
		list, err := client.EventsV1().Events(ns).List(t.Context(), metav1.ListOptions{FieldSelector: "regarding.name=subject"})
		if err != nil {
			return false
		}
		found = list.Items
		return len(found) == 1 && found[0].Series != nil
	}, "one event with a series")
	require.Equal(t, "example.com/wire", found[0].ReportingController)
	require.EqualValues(t, 2, found[0].Series.Count)
}
