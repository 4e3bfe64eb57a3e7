package wire_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// TestEventsInTheNewGroup writes an Event as events.k8s.io has it, and finds
// it by the names that its fields have there.
func TestEventsInTheNewGroup(t *testing.T) {
	w := newWorld(t)
	events := kubernetes.NewForConfigOrDie(w.config()).EventsV1().Events("default")
	made, err := events.Create(t.Context(), &eventsv1.Event{
		ObjectMeta: metav1.ObjectMeta{Name: "e"}, EventTime: metav1.NowMicro(),
		ReportingController: "example.com/tester", ReportingInstance: "tester-1", Action: "Testing", Reason: "Tested", Type: "Normal",
		Regarding: corev1.ObjectReference{Kind: "ConfigMap", Namespace: "default", Name: "a"},
	}, metav1.CreateOptions{FieldManager: "tester"})
	require.NoError(t, err)
	require.Len(t, made.ManagedFields, 1)
	require.Equal(t, "events.k8s.io/v1", made.ManagedFields[0].APIVersion)
	require.Contains(t, string(made.ManagedFields[0].FieldsV1.Raw), "f:regarding")

	for selector, found := range map[string]int{"regarding.name=a": 1, "regarding.name=b": 0, "reportingController=example.com/tester": 1} {
		list, err := events.List(t.Context(), metav1.ListOptions{FieldSelector: selector})
		require.NoError(t, err)
		require.Len(t, list.Items, found, selector)
	}
	_, err = events.List(t.Context(), metav1.ListOptions{FieldSelector: "involvedObject.name=a"})
	require.EqualError(t, err, "field label not supported: involvedObject.name")
}
