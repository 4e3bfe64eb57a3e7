package apiserver

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/store"
)

// say has a kubelet record something about a pod; the answer is nil if that
// was dropped.
func (w *world) say(reason, message string) *corev1.Event {
	w.Helper()
	event, err := w.RecordEvent(EventRecord{
		About:     corev1.ObjectReference{APIVersion: "v1", Kind: "Pod", Namespace: "default", Name: "web", UID: "u"},
		Component: "kubelet", Host: "node-1",
		Type: corev1.EventTypeNormal, Reason: reason, Message: message,
		User: User{Name: "system:node:node-1"},
	})
	require.NoError(w, err)
	return event
}

func TestRecordEvent(t *testing.T) {
	w := newWorld(t)
	pod := w.mustCreate("pods", "default", newPodObject("web"))
	event, err := w.RecordEvent(EventRecord{
		About: w.ReferenceTo(pod), Component: "kubelet", Host: "node-1",
		Type: corev1.EventTypeNormal, Reason: "Started", Message: "Container started",
		User: User{Name: "system:node:node-1"}, Origin: store.Origin{Turn: 3},
	})
	require.NoError(t, err)
	require.Regexp(t, `^web\.[0-9a-f]{16}$`, event.Name)
	require.Equal(t, "default", event.Namespace)
	require.Equal(t, corev1.ObjectReference{APIVersion: "v1", Kind: "Pod", Namespace: "default", Name: "web", UID: pod.GetUID(), ResourceVersion: "2"}, event.InvolvedObject)
	require.Equal(t, corev1.EventSource{Component: "kubelet", Host: "node-1"}, event.Source)
	require.Equal(t, "kubelet", event.ReportingController)
	require.Equal(t, "node-1", event.ReportingInstance)
	require.EqualValues(t, 1, event.Count)
	require.Equal(t, seconds(w.now), event.FirstTimestamp)
	require.Equal(t, seconds(w.now), event.LastTimestamp)
	change, err := w.Store.Snapshot().Change(w.revision())
	require.NoError(t, err)
	require.Equal(t, "system:node:node-1", change.Actor)
	require.EqualValues(t, 3, change.Turn)
}

func TestEventOfWhatHasNoNamespace(t *testing.T) {
	w := newWorld(t)
	event, err := w.RecordEvent(EventRecord{
		About: corev1.ObjectReference{Kind: "Node", Name: "node-1"}, Component: "kubelet", Type: "Normal", Reason: "Starting", Message: "x",
	})
	require.NoError(t, err)
	require.Equal(t, "default", event.Namespace)
	require.Empty(t, event.InvolvedObject.Namespace)
}

func TestEventNameThatCannotBe(t *testing.T) {
	w := newWorld(t)
	event, err := w.RecordEvent(EventRecord{
		About: corev1.ObjectReference{Kind: "ClusterRole", Name: "system:node"}, Component: "c", Type: "Normal", Reason: "R", Message: "x",
	})
	require.NoError(t, err)
	require.Len(t, event.Name, 36, "a UUID")
}

func TestRepeatedEventIsCounted(t *testing.T) {
	w := newWorld(t)
	first := w.say("BackOff", "Back-off restarting failed container")
	w.now = w.now.Add(10 * time.Second)
	again := w.say("BackOff", "Back-off restarting failed container")
	require.Equal(t, first.Name, again.Name)
	require.EqualValues(t, 2, again.Count)
	require.Equal(t, first.FirstTimestamp, again.FirstTimestamp)
	require.Equal(t, seconds(w.now), again.LastTimestamp)
	require.NotEqual(t, first.Name, w.say("BackOff", "another message").Name)
	require.NotEqual(t, first.Name, w.say("Started", "Back-off restarting failed container").Name)
	require.EqualValues(t, 1, first.Count, "the stored object is not changed")
}

func TestDeletedEventBeginsAnew(t *testing.T) {
	w := newWorld(t)
	w.say("BackOff", "no")
	first := w.say("BackOff", "no")
	_, err := w.delete("events", "default/"+first.Name, nil)
	require.NoError(t, err)
	again := w.say("BackOff", "no")
	require.NotEqual(t, first.Name, again.Name)
	require.EqualValues(t, 1, again.Count)
}

func TestSimilarEventsAreCombined(t *testing.T) {
	w := newWorld(t)
	for i := range 9 {
		require.Equal(t, fmt.Sprint("try ", i), w.say("Failed", fmt.Sprint("try ", i)).Message)
	}
	tenth := w.say("Failed", "try 9")
	require.Equal(t, "(combined from similar events): try 9", tenth.Message)
	eleventh := w.say("Failed", "try 10")
	require.Equal(t, tenth.Name, eleventh.Name)
	require.EqualValues(t, 2, eleventh.Count)
	require.Equal(t, "(combined from similar events): try 10", eleventh.Message)
	require.Equal(t, "other", w.say("Killing", "other").Message, "another reason is another matter")

	w.now = w.now.Add(11 * time.Minute)
	require.Equal(t, "try 11", w.say("Failed", "try 11").Message, "after a pause they are new again")
}

func TestTooManyEventsAreDropped(t *testing.T) {
	w := newWorld(t)
	for i := range 25 {
		require.NotNil(t, w.say("Unhealthy", "probe failed"), "event %d", i)
	}
	before := w.revision()
	require.Nil(t, w.say("Unhealthy", "probe failed"))
	require.Equal(t, before, w.revision())
	w.now = w.now.Add(5 * time.Minute)
	late := w.say("Unhealthy", "probe failed")
	require.EqualValues(t, 26, late.Count, "what was dropped left no trace")
	require.Nil(t, w.say("Unhealthy", "probe failed"))

	other, err := w.RecordEvent(EventRecord{
		About:     corev1.ObjectReference{APIVersion: "v1", Kind: "Pod", Namespace: "default", Name: "web", UID: "u"},
		Component: "scheduler", Type: corev1.EventTypeNormal, Reason: "Scheduled", Message: "m",
	})
	require.NoError(t, err)
	require.NotNil(t, other, "each component has its own budget")
}

func TestEventsExpire(t *testing.T) {
	w := newWorld(t)
	w.say("Started", "x")
	w.now = w.now.Add(30 * time.Minute)
	w.say("Killing", "x")
	expire := func() int {
		n, err := w.Store.Expire(w.now, store.Origin{})
		require.NoError(t, err)
		return n
	}
	w.now = w.now.Add(29 * time.Minute)
	require.Zero(t, expire())
	w.now = w.now.Add(5 * time.Minute)
	require.Equal(t, 1, expire())
	w.now = w.now.Add(30 * time.Minute)
	require.Equal(t, 1, expire())
}

func TestEventInTerminatingNamespace(t *testing.T) {
	w := newWorld(t)
	w.mustCreate("namespaces", "", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "dev"}})
	_, err := w.delete("namespaces", "dev", nil)
	require.NoError(t, err)
	_, err = w.RecordEvent(EventRecord{About: corev1.ObjectReference{Kind: "Pod", Namespace: "dev", Name: "web"}, Component: "c", Type: "Normal", Reason: "R", Message: "m"})
	require.True(t, strings.HasPrefix(answer(err), `403 Forbidden: events "web.`), answer(err))
}

func TestRecordedEventsAreRows(t *testing.T) {
	w := newWorld(t)
	w.say("BackOff", "no")
	fork := w.Store.Fork()
	w.say("BackOff", "no")
	require.EqualValues(t, 3, w.say("BackOff", "no").Count)
	w.Store = fork
	require.EqualValues(t, 2, w.say("BackOff", "no").Count, "a fork has a memory of its own")
}
