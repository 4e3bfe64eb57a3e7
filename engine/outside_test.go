package engine_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/outside"
	"github.com/minik8s/minik8s/engine"
	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/view"
)

// newAskingWorld has a copier and webhooks about the Secrets that it makes.
func newAskingWorld(t *testing.T, webhooks int) *engine.Engine {
	e := newWorld(t, copier())
	create(t, e, checks(webhooks, "secrets"))
	return e
}

// checks are webhooks about a resource.
func checks(webhooks int, resource string) *admissionregistrationv1.ValidatingWebhookConfiguration {
	c := &admissionregistrationv1.ValidatingWebhookConfiguration{ObjectMeta: metav1.ObjectMeta{Name: "check"}}
	for n := range webhooks {
		c.Webhooks = append(c.Webhooks, admissionregistrationv1.ValidatingWebhook{
			Name: fmt.Sprintf("check%d.example.com", n), AdmissionReviewVersions: []string{"v1"},
			ClientConfig: admissionregistrationv1.WebhookClientConfig{URL: ptr.To(fmt.Sprintf("https://check%d.example.com/", n))},
			SideEffects:  ptr.To(admissionregistrationv1.SideEffectClassNone),
			Rules: []admissionregistrationv1.RuleWithOperations{{
				Operations: []admissionregistrationv1.OperationType{"*"},
				Rule:       admissionregistrationv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{resource}},
			}},
		})
	}
	return c
}

// asked runs the world to where a turn waits.
func asked(t *testing.T, e *engine.Engine) outside.Questions {
	t.Helper()
	_, err := e.Settle(time.Minute)
	var questions outside.Questions
	require.ErrorAs(t, err, &questions)
	require.True(t, e.Waits())
	return questions
}

// allowed are the answers of webhooks that have nothing against it.
func allowed(t *testing.T, questions outside.Questions) (answers []outside.Answer) {
	t.Helper()
	for _, q := range questions {
		var review admissionv1.AdmissionReview
		require.NoError(t, json.Unmarshal(q.Body, &review))
		review.Response = &admissionv1.AdmissionResponse{UID: review.Request.UID, Allowed: true}
		review.Request = nil
		body, err := json.Marshal(review)
		require.NoError(t, err)
		answers = append(answers, outside.Answer{Key: q.Key, Body: body})
	}
	return answers
}

// settleAnswered settles a world whose webhooks allow everything.
func settleAnswered(t *testing.T, e *engine.Engine) {
	t.Helper()
	for {
		_, err := e.Settle(10 * time.Minute)
		var questions outside.Questions
		if !errors.As(err, &questions) {
			require.NoError(t, err)
			return
		}
		require.NoError(t, e.Answer(allowed(t, questions)))
	}
}

// requireReplays: from every tick, the same inputs make the same world.
func requireReplays(t *testing.T, e *engine.Engine) {
	t.Helper()
	want := changeLog(e.Store())
	for tick := range e.TickNumber() + 1 {
		f, err := e.Replay(tick)
		require.NoError(t, err, "from tick %d", tick)
		require.Equal(t, want, changeLog(f.Store()), "from tick %d", tick)
		require.Equal(t, e.Waits(), f.Waits(), "from tick %d", tick)
		require.Equal(t, e.TurnNumber(), f.TurnNumber(), "from tick %d", tick)
		require.Equal(t, e.Journal(), f.Journal(), "from tick %d", tick)
	}
}

// TestATurnWaitsForAnswers: one turn, however many questions, if nothing else
// is written meanwhile; and the clock stands.
func TestATurnWaitsForAnswers(t *testing.T) {
	e := newAskingWorld(t, 2)
	create(t, e, wish("a", 3))
	for n := range 3 {
		questions := asked(t, e)
		require.Len(t, questions, 2)
		require.Len(t, secrets(e), n)
		at := e.Now()
		require.Equal(t, questions, asked(t, e), "asking again changes nothing")
		require.Equal(t, at, e.Now())
		require.NoError(t, e.Answer(allowed(t, questions)))
	}
	turn, err := e.Step()
	require.NoError(t, err)
	require.Equal(t, "copier", turn.Component)
	require.Len(t, turn.Calls, 3)
	for _, call := range turn.Calls {
		require.NotZero(t, call.Revision)
		change, err := e.Store().Snapshot().Change(call.Revision)
		require.NoError(t, err)
		require.Equal(t, turn.Number, change.Turn)
	}
	settleAnswered(t, e)
	requireReplays(t, e)
}

// TestRequestsInTheMiddleOfATurn: what is written while a turn waits has its
// place in the journal, and the turn is told of in parts.
func TestRequestsInTheMiddleOfATurn(t *testing.T) {
	e := newAskingWorld(t, 1)
	create(t, e, wish("a", 3))
	wished := e.TurnNumber()
	first := asked(t, e)
	create(t, e, wish("meanwhile", 0))
	requireReplays(t, e) // also a world that waits
	require.NoError(t, e.Answer(allowed(t, first)))
	create(t, e, wish("again", 0))
	create(t, e, wish("once-more", 0))
	require.NoError(t, e.SetLag("copier", 1))
	requireReplays(t, e)
	settleAnswered(t, e)
	require.Len(t, secrets(e), 3)

	var told []string
	for turn := range engine.Turns(e.Store().Snapshot(), wished) {
		told = append(told, fmt.Sprintf("%s%s: %d written %s", turn.Component, turn.Command, len(turn.Calls), turn.Waits))
	}
	const waits = "the answer of https://check0.example.com/ is needed first"
	require.Equal(t, []string{
		"copier: 0 written " + waits,
		"the test asks for it: 1 written ",
		"copier: 1 written " + waits,
		"the test asks for it: 1 written ",
		"the test asks for it: 1 written ",
		"lag copier by 1 ticks: 0 written ",
		"copier: 2 written ",
	}, told[:7])
	requireReplays(t, e)
}

// TestForksAreNotInTheMiddleOfATurn: in a fork of a world that waits, the key has
// another turn, which sees what the first one has written.
func TestForksAreNotInTheMiddleOfATurn(t *testing.T) {
	e := newAskingWorld(t, 1)
	create(t, e, wish("a", 3))
	require.NoError(t, e.Answer(allowed(t, asked(t, e))))
	create(t, e, wish("meanwhile", 0))
	asked(t, e)
	require.Len(t, secrets(e), 1)
	for name, f := range map[string]*engine.Engine{"now": e.Fork(), "then": at(t, e, e.Store().Revision()-1)} {
		require.False(t, f.Waits(), name)
		settleAnswered(t, f)
		require.Len(t, secrets(f), 3, name)
	}
	planned, _, err := e.PlanNext()
	require.NoError(t, err)
	require.Contains(t, planned.Err, "nobody outside is asked here")
	require.True(t, e.Waits())
	settleAnswered(t, e)
	require.Len(t, secrets(e), 3)
}

func at(t *testing.T, e *engine.Engine, revision int64) *engine.Engine {
	f, err := e.At(revision)
	require.NoError(t, err)
	return f
}

// TestACrashInTheMiddleOfATurn: nobody waits for the answer any more.
func TestACrashInTheMiddleOfATurn(t *testing.T) {
	e := newAskingWorld(t, 1)
	create(t, e, wish("a", 3))
	require.NoError(t, e.Answer(allowed(t, asked(t, e))))
	late := asked(t, e)
	require.NoError(t, e.Crash("copier"))
	require.False(t, e.Waits())
	require.NoError(t, e.Answer(allowed(t, late)), "it comes too late")
	settle(t, e)
	require.Len(t, secrets(e), 1)
	require.NoError(t, e.Restart("copier"))
	settleAnswered(t, e)
	require.Len(t, secrets(e), 3)
	requireReplays(t, e)
}

// TestARefusalFromOutside is a turn's error like any other.
func TestARefusalFromOutside(t *testing.T) {
	e := newAskingWorld(t, 1)
	create(t, e, wish("a", 3))
	questions := asked(t, e)
	require.NoError(t, e.Answer([]outside.Answer{{Key: questions[0].Key, Err: "nobody there"}}))
	turn, err := e.Step()
	require.NoError(t, err)
	require.Equal(t, `Internal error occurred: failed calling webhook "check0.example.com": failed to call webhook: nobody there`, turn.Err)
	require.True(t, turn.Calls[1].Dropped)
	require.True(t, turn.Calls[2].Dropped)
	settleAnswered(t, e)
	require.Len(t, secrets(e), 3, "it is tried again")
	requireReplays(t, e)
}

// TestACallIsNotAskedAboutForEver: a Secret is another one whenever the webhook
// has answered.
func TestACallIsNotAskedAboutForEver(t *testing.T) {
	e := newWorld(t, reconcile.Component{
		Name: "toucher", User: "system:toucher", Watches: []reconcile.Watch{reconcile.Self(reconcile.ConfigMaps.GroupResource)},
		Reconcile: func(v reconcile.View, r reconcile.Request) (p reconcile.Plan, err error) {
			if secret, ok := reconcile.Secrets.Get(v, r.Key); ok && r.Attempt == 0 {
				p.Patch(secret, types.MergePatchType, []byte(`{"metadata": {"labels": {"touched": "yes"}}}`), "it is there")
			}
			return p, nil
		},
	})
	secret := metav1.ObjectMeta{Namespace: "default", Name: "a"}
	create(t, e, &corev1.Secret{ObjectMeta: secret})
	create(t, e, checks(1, "secrets"))
	create(t, e, wish("a", 0))
	for n := range 32 {
		questions := asked(t, e)
		update := request(apiserver.Update, &corev1.Secret{ObjectMeta: secret, StringData: map[string]string{"n": fmt.Sprint(n)}})
		_, err := e.Do(update)
		var unanswered *apiserver.Unanswered
		require.ErrorAs(t, err, &unanswered)
		_, err = e.Do(unanswered.With(allowed(t, unanswered.Questions)...))
		require.NoError(t, err)
		require.NoError(t, e.Answer(allowed(t, questions)))
	}
	turn, err := e.Step()
	require.NoError(t, err)
	require.Equal(t, outside.ErrTooLate.Error(), turn.Err)
	settle(t, e)
	requireReplays(t, e)
}

// TestEventsWaitToo: what a component has to say is the same when it is tried
// again, although something else was written meanwhile.
func TestEventsWaitToo(t *testing.T) {
	e := newWorld(t, reconcile.Component{
		Name: "speaker", User: "system:speaker", Watches: []reconcile.Watch{reconcile.Self(reconcile.ConfigMaps.GroupResource)},
		Reconcile: func(v reconcile.View, r reconcile.Request) (p reconcile.Plan, err error) {
			if m, ok := reconcile.ConfigMaps.Get(v, r.Key); ok {
				p.Event(m, corev1.EventTypeNormal, "Seen", "there is one")
			}
			return p, nil
		},
	})
	create(t, e, checks(1, "events"))
	create(t, e, wish("a", 0))
	questions := asked(t, e)
	create(t, e, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "meanwhile"}})
	require.NoError(t, e.Answer(allowed(t, questions)))
	require.False(t, e.Waits())
	settle(t, e)
	events := reconcile.Events.List(view.New(e.Store().Snapshot(), e.Now()))
	require.Len(t, events, 1)
	requireReplays(t, e)
}
