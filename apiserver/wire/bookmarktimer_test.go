package wire_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A watch is told how far it has come every minute, and once more two seconds
// before it ends: if it has come any further, and has the time.
func TestWatchBookmarksBeforeItsEnd(t *testing.T) {
	for _, tt := range []struct {
		seconds int
		want    []time.Duration
	}{
		{2, nil},
		{3, []time.Duration{1 * time.Second}},
		{60, []time.Duration{58 * time.Second}},
		{62, []time.Duration{60 * time.Second}},
		{150, []time.Duration{60 * time.Second, 120 * time.Second, 148 * time.Second}},
	} {
		t.Run(fmt.Sprint(tt.seconds), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				start := time.Now()
				from := fmt.Sprint("&resourceVersion=", w.store.Revision())
				path := fmt.Sprintf("%s?watch=1&allowWatchBookmarks=true&labelSelector=other&timeoutSeconds=%d", configMaps, tt.seconds) + from
				s := w.watch(path)
				w.putConfigMap("a", "")
				bookmark := fmt.Sprint("BOOKMARK <nil> ", w.store.Revision())
				for _, want := range tt.want {
					require.Equal(t, bookmark, s.brief())
					require.Equal(t, want, time.Since(start))
				}
				s.ends()
				require.Equal(t, time.Duration(tt.seconds)*time.Second, time.Since(start))
			})
		})
	}
}

func TestWatchThatIsNoFurtherHasNoBookmark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		from := fmt.Sprint("&resourceVersion=", w.store.Revision())
		s := w.watch(configMaps + "?watch=1&allowWatchBookmarks=true&timeoutSeconds=150" + from)
		s.ends()
	})
}
