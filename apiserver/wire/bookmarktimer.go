package wire

import (
	"context"
	"time"
)

// beforeTheEnd is when a watch is told for the last time how far it has come, so
// that its client misses as little as can be before it comes back.
const beforeTheEnd = 2 * time.Second

// bookmarkTimer fires when a watch is due to be told how far it has come.
//
// Upstream: k8s.io/apiserver/pkg/storage/cacher (nextBookmarkTime), to the instant instead of to the second.
type bookmarkTimer struct {
	*time.Timer
	period time.Duration
	end    time.Time // zero for a watch that lasts for ever
}

func newBookmarkTimer(ctx context.Context, period time.Duration) *bookmarkTimer {
	end, _ := ctx.Deadline()
	t := &bookmarkTimer{time.NewTimer(period), period, end}
	t.again()
	return t
}

// again sets the timer to the next time, if there is one.
func (t *bookmarkTimer) again() {
	if wait, ok := untilBookmark(time.Now(), t.end, t.period); ok {
		t.Reset(wait)
	} else {
		t.Stop()
	}
}

// untilBookmark is how long it is until the next bookmark: a period, or less
// when the end of the watch is near. There is none once it is very near.
func untilBookmark(now, end time.Time, period time.Duration) (time.Duration, bool) {
	if end.IsZero() {
		return period, true
	}
	wait := min(period, end.Add(-beforeTheEnd).Sub(now))
	return wait, wait > 0
}
