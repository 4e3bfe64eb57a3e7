package engine

import (
	"errors"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/outside"
	"github.com/minik8s/minik8s/store"
)

// answered sends a component's request, and asks outside what the door must
// know first. The answers go to the journal: they are input.
func (e *Engine) answered(r apiserver.Request) (apiserver.Response, error) {
	for {
		response, err := e.server.Do(r)
		var question *apiserver.Unanswered
		if !errors.As(err, &question) {
			return response, err
		}
		r = question.With(e.answer(question.Question))
	}
}

// answeredRecord is answered for what a component has to say in an Event.
func (e *Engine) answeredRecord(r apiserver.EventRecord) error {
	for {
		_, err := e.server.RecordEvent(r)
		var question *apiserver.Unanswered
		if !errors.As(err, &question) {
			return err
		}
		r.Answers = append(r.Answers, e.answer(question.Question))
	}
}

// answer is the next of those that are being replayed, or else a new one.
func (e *Engine) answer(q outside.Question) outside.Answer {
	if len(e.replayed) > 0 {
		a := e.replayed[0]
		e.replayed = e.replayed[1:]
		e.answers = append(e.answers, a)
		return a
	}
	a := outside.Answer{Key: q.Key, Err: "nobody outside is asked here"}
	if e.opts.Ask != nil {
		a = e.opts.Ask(q)
		a.Key = q.Key
	}
	e.answers = append(e.answers, a)
	return a
}

// noteAnswers journals what was answered during a turn, as an input that came
// right before the turn.
func (e *Engine) noteAnswers() {
	if len(e.answers) == 0 {
		return
	}
	e.state.Input++
	input := &Input{
		Number: e.state.Input, Tick: e.state.Tick, Open: true, After: e.state.Turn - 1, Answers: e.answers,
	}
	e.answers = nil
	e.store.Stage(func(tx *store.Tx) { tx.Append(store.Inputs, input) })
}
