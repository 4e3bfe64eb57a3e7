package engine

import (
	"slices"

	"github.com/minik8s/minik8s/apiserver/outside"
	"github.com/minik8s/minik8s/store"
)

// Waits says that a turn is under way which cannot go on without answers from
// outside. What would run the world on gives the questions as its error, an
// outside.Questions, until Answer is called. Meanwhile the world can be read, and
// requests from outside are carried out in the middle of the turn.
func (e *Engine) Waits() bool { return e.waiting != nil }

// Answer gives the turn that waits what it waits for, and goes on with it, to its
// end or to the next question. The answers are input: their place in the journal
// is where the turn goes on. Answers that nobody waits for any more, because the
// component has crashed, are dropped.
func (e *Engine) Answer(answers []outside.Answer) error {
	u := e.waiting
	if u == nil || !u.questions.AnsweredBy(answers) {
		return nil
	}
	e.state.Input++
	input := &Input{Number: e.state.Input, Tick: e.state.Tick, Open: true, After: e.state.Turn, Answers: answers}
	e.store.Stage(func(tx *store.Tx) { tx.Append(store.Inputs, input) })
	e.waiting = nil
	if u.told {
		e.continueIn(u, e.state.Turn+1)
	}
	u.answers = append(slices.Clip(u.answers), answers...)
	t, err := e.goOn(u)
	if waits(err) {
		return nil // as the next step will say
	}
	e.finished = t
	return err
}

func waits(err error) bool { return outside.QuestionsIn(err) != nil }

// mostAnswers is how many answers one call may need. It would need more for ever
// if its object were another one after every answer.
//
// Upstream: k8s.io/apiserver/pkg/storage/etcd3 (GuaranteedUpdate), which asks again until the request's minute is over.
const mostAnswers = 32

// cutShort ends the turn that waits, if it is one of an instance: its process has
// died between two calls.
func (e *Engine) cutShort(i instance) {
	if u := e.waiting; u != nil && u.work.component == i.component && u.work.Node == i.node {
		u.cut = true
	}
}
