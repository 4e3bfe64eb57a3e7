package engine

import (
	"errors"
	"fmt"
)

// String is the command that would do it.
func (c Control) String() string {
	switch c.Op {
	case "lag":
		return fmt.Sprintf("lag %s by %d ticks", c.Instance, c.Lag)
	case "own-writes":
		return fmt.Sprintf("own-writes rule on: %t", c.On)
	}
	return c.Op + " " + c.Instance
}

// Replay goes back to the beginning of a retained tick and runs the same
// inputs again, at the same places, up to where this world is now. It returns
// the replayed world, whose change log is this one's, byte for byte.
func (e *Engine) Replay(fromTick int64) (*Engine, error) {
	f, err := e.AtTick(fromTick)
	if err != nil {
		return nil, err
	}
	if err := f.Play(e.Journal()); err != nil {
		return nil, err
	}
	return f, f.runTo(e.state.Tick, e.state.Open, e.state.Turn)
}

// Play runs the world on, with the inputs of a journal at their places. Those
// that it has had already are left out.
func (e *Engine) Play(inputs []*Input) error {
	for _, input := range inputs {
		if input.Number <= e.state.Input {
			continue
		}
		if err := e.runTo(input.Tick, input.Open, input.After); err != nil {
			return err
		}
		if err := e.apply(input); err != nil {
			return fmt.Errorf("replay of input %d: %w", input.Number, err)
		}
	}
	return nil
}

// runTo runs the world up to a place between two turns.
func (e *Engine) runTo(tick int64, open bool, turn int64) error {
	if _, err := e.AdvanceTo(tick); err != nil {
		return err
	}
	if open {
		if err := e.open(); err != nil {
			return err
		}
	}
	for e.state.Turn < turn {
		t, err := e.nextTurn()
		if waits(err) && e.state.Turn == turn {
			break // the place is in the middle of this turn
		}
		if err != nil {
			return err
		}
		if t == nil {
			return fmt.Errorf("replay went another way: at tick %d the world has had %d turns, not %d", tick, e.state.Turn, turn)
		}
	}
	return e.store.Flush()
}

// apply does an input again. That a request is refused again is part of it.
func (e *Engine) apply(input *Input) error {
	if c := input.Control; c != nil {
		return e.control(*c)
	}
	if input.Answers != nil {
		return e.answerAgain(input)
	}
	r := *input.Request
	var err error
	if r.Source != nil {
		if r.Object, err = r.Source.Object(); err != nil {
			return err
		}
	} else if r.Object != nil {
		r.Object = r.Object.DeepCopyObject()
	}
	before := e.state.Input
	_, err = e.Do(r)
	if e.state.Input == before {
		return errors.Join(errors.New("it left no trace"), err)
	}
	return nil
}

// answerAgain gives the turn that waits the answers that it had.
func (e *Engine) answerAgain(input *Input) error {
	if e.waiting == nil || !e.waiting.questions.AnsweredBy(input.Answers) {
		return errors.New("nobody waits for these answers")
	}
	err := e.Answer(input.Answers)
	e.finished = nil
	return err
}

func (e *Engine) control(c Control) error {
	switch c.Op {
	case "lag":
		return e.SetLag(c.Instance, c.Lag)
	case "crash":
		return e.Crash(c.Instance)
	case "restart":
		return e.Restart(c.Instance)
	case "own-writes":
		return e.SetOwnWrites(c.On)
	}
	return fmt.Errorf("unknown control %q", c.Op)
}
