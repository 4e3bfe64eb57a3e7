package apiserver

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/json"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/apiserver/outside"
	"github.com/minik8s/minik8s/store"
)

// newAskingWorld is a world with a webhook about ConfigMaps.
func newAskingWorld(t *testing.T) *world {
	w := newWorld(t)
	w.register()
	return w
}

func (w *world) register() {
	w.mustCreate("validatingwebhookconfigurations", "", &admissionregistrationv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: "check"},
		Webhooks: []admissionregistrationv1.ValidatingWebhook{{
			Name: "check.example.com", AdmissionReviewVersions: []string{"v1"},
			ClientConfig: admissionregistrationv1.WebhookClientConfig{URL: ptr.To("https://check.example.com/")},
			SideEffects:  ptr.To(admissionregistrationv1.SideEffectClassNone),
			Rules: []admissionregistrationv1.RuleWithOperations{{
				Operations: []admissionregistrationv1.OperationType{"*"},
				Rule:       admissionregistrationv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"configmaps"}},
			}},
		}},
	})
}

// answered is what a webhook says to a question.
func answered(t *testing.T, q outside.Question, allowed bool) outside.Answer {
	var review admissionv1.AdmissionReview
	require.NoError(t, json.Unmarshal(q.Body, &review))
	body := fmt.Sprintf(`{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": {"uid": %q, "allowed": %t}}`, review.Request.UID, allowed)
	return outside.Answer{Key: q.Key, Body: []byte(body)}
}

// TestTheSameQuestionLater: while a webhook thinks, the world goes on, and the
// question stays the same: what the server has drawn does too.
func TestTheSameQuestionLater(t *testing.T) {
	w := newAskingWorld(t)
	req := w.request(Create, "configmaps", "")
	req.Ticket = 7
	req.Namespace, req.Object = "default", &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{GenerateName: "drawn-"}}
	_, err := w.Do(req)
	var question *Unanswered
	require.ErrorAs(t, err, &question)

	w.now = w.now.Add(time.Hour)
	w.mustCreate("namespaces", "", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "meanwhile"}})
	res, err := w.Do(question.With(answered(t, question.Questions[0], true)))
	require.NoError(t, err)
	var review admissionv1.AdmissionReview
	require.NoError(t, json.Unmarshal(question.Questions[0].Body, &review))
	var seen corev1.ConfigMap
	require.NoError(t, json.Unmarshal(review.Request.Object.Raw, &seen))
	stored := res.Object.(*corev1.ConfigMap)
	require.Equal(t, seen.Name, stored.Name)
	require.True(t, strings.HasPrefix(stored.Name, "drawn-"))
	require.Equal(t, seen.UID, stored.UID)
}

// TestOtherObjectsAreOtherQuestions: an answer is for what was asked.
func TestOtherObjectsAreOtherQuestions(t *testing.T) {
	w := newAskingWorld(t)
	req := w.request(Create, "configmaps", "")
	req.Namespace, req.Object = "default", &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "one"}}
	_, err := w.Do(req)
	var question *Unanswered
	require.ErrorAs(t, err, &question)

	again := question.With(answered(t, question.Questions[0], true))
	again.Object.(*corev1.ConfigMap).Data = map[string]string{"more": "data"}
	_, err = w.Do(again)
	require.ErrorAs(t, err, &question)
	require.Nil(t, w.get("configmaps", "default/one"))
}

// TestDeleteCollectionAsksFirst: nothing is gone before all is answered, and a
// refusal stops it.
func TestDeleteCollectionAsksFirst(t *testing.T) {
	w := newWorld(t)
	for i := range 3 {
		w.mustCreate("configmaps", "default", &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("m%d", i)}})
	}
	w.register()
	req := w.request(DeleteCollection, "configmaps", "default/")
	for i := range 2 { // that the second is refused spares the third a question
		_, err := w.Do(req)
		var question *Unanswered
		require.ErrorAs(t, err, &question)
		require.NotNil(t, w.get("configmaps", "default/m0"))
		req = question.With(answered(t, question.Questions[0], i == 0))
	}
	_, err := w.Do(req)
	require.EqualError(t, err, `admission webhook "check.example.com" denied the request without explanation`)
	require.False(t, errors.As(err, new(*Unanswered)))
	require.Nil(t, w.get("configmaps", "default/m0"))
	require.NotNil(t, w.get("configmaps", "default/m1"))
}

// TestAWorldWithoutWebhooksPaysNothing: every write asks whether there are any.
func TestAWorldWithoutWebhooksPaysNothing(t *testing.T) {
	w := newWorld(t)
	require.Zero(t, testing.AllocsPerRun(100, func() { require.False(t, w.asksOutside()) }))
	w.register()
	require.True(t, w.asksOutside())
	require.False(t, w.In(store.New(), w.Now).asksOutside(), "in another world")
}
