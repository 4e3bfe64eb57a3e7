package kubeletsim

import (
	"math"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// probeType is what a probe decides, in the word that events have for it.
type probeType string

const (
	startup   probeType = "Startup"
	readiness probeType = "Readiness"
	liveness  probeType = "Liveness"
)

// name is the probe's name within a sentence: "startup probe".
func (k probeType) name() string { return strings.ToLower(string(k)) + " probe" }

// worker makes the attempts of one probe of one container instance. It keeps
// no count of them: what they came to is worked out from what the program
// answers when, which is known from its start. So a probe that goes on
// succeeding costs no write and no turn.
//
// Upstream: pkg/kubelet/prober (worker), without attempts between the periods: they are counted from the moment that probing begins, and what they answer takes no time.
type worker struct {
	kind    probeType
	probe   *corev1.Probe
	started time.Time // of the container; the initial delay counts from here
	begins  time.Time // when probing does: once the container has started up
	ask     func(at time.Time) answer
}

// outlook is what a probe has come to by now, and what will come of it.
type outlook struct {
	result result
	since  time.Time // when it came to that, zero if it began so
	next   time.Time // when it will come to something else, zero if never
	better bool      // what it will come to is success
	failed attempt   // the last one that did not succeed, if any
	again  time.Time // when the next one does not, zero if never
}

type attempt struct {
	at     time.Time
	answer answer
}

// outlook goes through the attempts, all those with the same answer at a time.
func (w *worker) outlook(now time.Time) outlook {
	held := w.initial()
	o := outlook{result: held}
	at, run, last := w.first(), 0, unknown
	for {
		a := w.ask(at)
		n := w.attempts(at, a.until)
		if a.result != unknown && a.result != last {
			run, last = 0, a.result
		}
		final := false
		if left := w.threshold(a.result) - run; a.result != unknown && a.result != held && left <= n {
			held = a.result
			o.turn(held, w.after(at, left-1), now)
			if final = w.kind == startup || w.kind == liveness && held == failure; final {
				n = left // no more attempts until there is a new container
			}
		}
		if a.result != success {
			o.fail(w, at, n, a, now)
		}
		if final || a.until.IsZero() || !o.next.IsZero() && !o.again.IsZero() {
			return o
		}
		if a.result != unknown {
			run += n
		}
		at = w.after(at, n)
	}
}

// turn notes that the probe comes to a result at a moment.
func (o *outlook) turn(r result, at, now time.Time) {
	switch {
	case !at.After(now):
		o.result, o.since = r, at
	case o.next.IsZero():
		o.next, o.better = at, r == success
	}
}

// fail notes n attempts that do not succeed, the first of them at a moment.
func (o *outlook) fail(w *worker, at time.Time, n int, a answer, now time.Time) {
	if !at.After(now) {
		made := min(int(now.Sub(at)/w.period()), n-1)
		o.failed = attempt{at: w.after(at, made), answer: a}
		if made+1 == n {
			return
		}
		at = w.after(at, made+1)
	}
	if o.again.IsZero() {
		o.again = at
	}
}

// initial is what a probe has come to before the first attempt.
func (w *worker) initial() result {
	switch w.kind {
	case readiness:
		return failure
	case liveness:
		return success
	}
	return unknown
}

// threshold is how many attempts in a row must have a result for it to count.
func (w *worker) threshold(r result) int {
	if r == success {
		return int(max(w.probe.SuccessThreshold, 1))
	}
	return int(max(w.probe.FailureThreshold, 1))
}

func (w *worker) period() time.Duration {
	return time.Duration(max(w.probe.PeriodSeconds, 1)) * time.Second
}

// first is when the first attempt is made: when probing begins, or, as those
// before the initial delay are skipped, some periods later.
func (w *worker) first() time.Time {
	delay := w.started.Add(time.Duration(w.probe.InitialDelaySeconds) * time.Second).Sub(w.begins)
	if delay <= 0 {
		return w.begins
	}
	return w.after(w.begins, int((delay-1)/w.period())+1)
}

// attempts counts those from one at a moment on until another moment.
func (w *worker) attempts(at, until time.Time) int {
	if until.IsZero() {
		return math.MaxInt
	}
	return int((until.Sub(at)-1)/w.period()) + 1
}

// after is n periods after a moment, and a century at the most: nobody waits
// for longer, and a time.Duration holds not much more.
func (w *worker) after(at time.Time, n int) time.Time {
	const century = 100 * 365 * 24 * time.Hour
	if n > int(century/w.period()) {
		return at.Add(century)
	}
	return at.Add(time.Duration(n) * w.period())
}
