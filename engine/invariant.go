package engine

import (
	"fmt"

	"github.com/minik8s/minik8s/reconcile"
)

// Invariant is something that must hold after every tick, whatever happens.
type Invariant struct {
	Name  string
	Check func(reconcile.View) error
}

func (e *Engine) checkInvariants() error {
	if len(e.opts.Invariants) == 0 {
		return nil
	}
	v := e.view(e.store.Snapshot())
	for _, i := range e.opts.Invariants {
		if err := i.Check(v); err != nil {
			return fmt.Errorf("invariant %q broken after tick %d: %w", i.Name, e.state.Tick-1, err)
		}
	}
	return nil
}
