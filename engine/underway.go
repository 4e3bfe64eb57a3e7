package engine

import (
	"github.com/minik8s/minik8s/apiserver/outside"
	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/store"
	"github.com/minik8s/minik8s/trace"
)

// underWay is a turn whose plan is being carried out.
type underWay struct {
	work *Work
	plan reconcile.Plan
	turn *trace.Turn
	// made is how many calls of the plan have been made, earlier those that
	// another turn has made before, and began the number of the first turn.
	made, earlier int
	began         int64
	// err is the component's own error or else that of the call which was
	// refused, and written the revision of the latest write.
	err     error
	refused bool
	written int64

	// While the turn waits, answers are what is known already for the call that
	// is to be made next, and questions what it asks.
	answers   []outside.Answer
	questions outside.Questions
	// told: the turn has its place in the trace already. cut: it is over.
	told, cut bool
}

// goOn carries out what is left of a turn's plan. The error may be that it has
// to wait.
func (e *Engine) goOn(u *underWay) (*trace.Turn, error) {
	if questions := e.carryOut(u); questions != nil {
		e.wait(u, questions)
		return nil, questions
	}
	t := u.turn
	if u.err != nil {
		t.Err = u.err.Error()
	} else {
		t.After, t.AfterWhy = u.plan.After, u.plan.AfterWhy
	}
	e.record(u.work, e.requeued(u.work, u.plan, u.err), u.written, t)
	return t, nil
}

// refuse ends the plan. The component's own error comes before that of a call.
func (u *underWay) refuse(err error) {
	u.refused = true
	if u.err == nil {
		u.err = err
	}
}

// ticket is that of the call which is to be made next. The first bit tells
// it from those of requests from outside.
func (u *underWay) ticket() int64 { return 1<<62 | u.began<<16 | int64(u.earlier+u.made) }

// wait keeps a turn until its questions are answered.
func (e *Engine) wait(u *underWay, questions outside.Questions) {
	u.questions = questions
	kept := *u
	e.waiting = &kept
}

// tellWaiting has the trace tell of the turn that waits as far as it has come:
// what is written now comes in the middle of it. The rest of its plan becomes a
// turn of its own. In the engine's own rows the key still has its turn to come, as
// if the component had died: that is how a fork goes on from here.
func (e *Engine) tellWaiting(tx *store.Tx) {
	u := e.waiting
	if u == nil || u.told {
		return
	}
	u.told = true
	u.turn.Calls = u.turn.Calls[:u.made]
	u.turn.Waits = u.questions.Error()
	tx.Append(store.Turns, u.turn)
}

// continueIn makes a turn of what is left of a plan.
func (e *Engine) continueIn(u *underWay, number int64) {
	e.state.Turn = number
	t := *u.turn
	t.Number, t.Newest, t.Waits = number, e.store.Revision(), ""
	t.Woken = "goes on with its plan, after an answer from outside"
	u.plan.Calls, u.made, u.earlier = u.plan.Calls[u.made:], 0, u.earlier+u.made
	t.Calls = make([]trace.Call, len(u.plan.Calls))
	u.turn, u.told = &t, false
}
