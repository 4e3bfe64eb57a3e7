package engine

import (
	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/outside"
	"github.com/minik8s/minik8s/store"
	"github.com/minik8s/minik8s/trace"
)

// Input is one row of the journal: something that came from outside, and its
// place between the turns. The same inputs at the same places, from the same
// seed, make the same world.
type Input struct {
	Number int64
	// Tick and Open say where the clock stood, and After how many turns and
	// inputs there had been.
	Tick  int64
	Open  bool
	After int64
	// One of the three is set. Answers are what the turn that was under way had
	// to know from outside to go on.
	Request *apiserver.Request
	Control *Control
	Answers []outside.Answer
}

// Control is something done to the simulator rather than to the cluster.
type Control struct {
	Op       string // "lag", "crash", "restart", "own-writes"
	Instance string
	Lag      int
	On       bool
}

// Do carries out a request from outside. Writes go to the journal. After an
// *apiserver.Unanswered nothing has happened.
func (e *Engine) Do(r apiserver.Request) (apiserver.Response, error) {
	if !e.server.Writes(&r) {
		return e.server.Do(r)
	}
	input := &Input{Number: e.state.Input + 1, Tick: e.state.Tick, Open: e.state.Open, After: e.state.Turn}
	kept := r
	switch { // the door may change the request's own object
	case r.Source != nil:
		kept.Object = nil
	case r.Object != nil:
		kept.Object = r.Object.DeepCopyObject()
	}
	input.Request = &kept

	r.Origin = e.origin(r.User.Name, r.Origin.Reason)
	r.Origin.Input = input.Number
	before := e.store.Revision()
	response, err := e.server.Do(r)
	if waits(err) {
		return response, err
	}
	t := e.turnOf(input, r, before)
	if err != nil {
		t.Err = err.Error()
	}
	if journalled := e.note(input, t); journalled != nil {
		return response, journalled
	}
	return response, err
}

// turnOf is how the trace tells of a request from outside.
func (e *Engine) turnOf(input *Input, r apiserver.Request, before int64) *trace.Turn {
	call := trace.Call{Verb: string(r.Verb), Resource: r.Resource.GroupResource().String(), Namespace: r.Namespace, Name: r.Name}
	if r.Subresource != "" {
		call.Resource += "/" + r.Subresource
	}
	t := &trace.Turn{
		Number: e.state.Turn + 1, Tick: e.state.Tick, Time: e.Now(), Input: input.Number,
		Command: r.Origin.Reason, Newest: before,
	}
	if changes, err := e.store.ChangesAfter(before); err == nil {
		for _, c := range changes {
			call.Revision, call.Namespace, call.Name = c.Revision, c.Object().Namespace, c.Object().Name
			t.Calls = append(t.Calls, call)
		}
	}
	if len(t.Calls) == 0 {
		t.Calls = []trace.Call{call}
	}
	return t
}

func (e *Engine) note(input *Input, t *trace.Turn) error {
	e.state.Turn, e.state.Input = t.Number, input.Number
	err := e.store.Write(func(tx *store.Tx) error {
		e.tellWaiting(tx)
		tx.Append(store.Inputs, input)
		tx.Append(store.Turns, t)
		return nil
	})
	if e.waiting != nil && e.waiting.cut {
		e.waiting = nil
	}
	return err
}

func (e *Engine) journalControl(c Control) error {
	e.store.Stage(e.saveState) // it was changed
	input := &Input{Number: e.state.Input + 1, Tick: e.state.Tick, Open: e.state.Open, After: e.state.Turn, Control: &c}
	return e.note(input, &trace.Turn{
		Number: e.state.Turn + 1, Tick: e.state.Tick, Time: e.Now(), Input: input.Number, Command: c.String(),
	})
}

// Journal lists the retained inputs, oldest first.
func (e *Engine) Journal() []*Input {
	var all []*Input
	for _, v := range e.store.Snapshot().EntriesFrom(store.Inputs, 0) {
		all = append(all, v.(*Input))
	}
	return all
}

// origin is that of a write outside of a turn.
func (e *Engine) origin(actor, reason string) store.Origin {
	return store.Origin{Tick: e.state.Tick, Time: e.Now(), Actor: actor, Reason: reason}
}
