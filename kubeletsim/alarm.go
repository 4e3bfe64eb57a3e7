package kubeletsim

import (
	"time"

	"github.com/minik8s/minik8s/reconcile"
)

// alarm collects the moments at which a turn wants to be run again, and asks
// for the first of them. It is background only if all of them are: a plan that
// waits for a container to start must not hide behind a lease that is due first.
type alarm struct {
	at         time.Time
	why        string
	foreground bool
}

// expect asks for a turn at a moment that Settle should wait for.
func (a *alarm) expect(at time.Time, why string) {
	a.foreground = true
	a.routine(at, why)
}

// routine asks for a turn at a moment that Settle need not wait for.
func (a *alarm) routine(at time.Time, why string) {
	if a.at.IsZero() || at.Before(a.at) {
		a.at, a.why = at, why
	}
}

func (a *alarm) set(plan *reconcile.Plan, now time.Time) {
	switch {
	case a.at.IsZero():
	case a.foreground:
		plan.RequeueAfter(a.at.Sub(now), a.why)
	default:
		plan.Heartbeat(a.at.Sub(now), a.why)
	}
}
