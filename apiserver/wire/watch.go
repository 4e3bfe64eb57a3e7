package wire

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/streaming/pkg/httpstream/wsstream"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/store"
)

// shortestWatch and twice that bound the length of a watch whose client asked
// for no timeout.
const shortestWatch = 30 * time.Minute

// watching is one watch under way. It is a reader of the change log with a
// position of its own: however slow its client is, nobody waits for it. If the
// log it has not read yet is compacted, the watch ends with 410 Expired.
type watching struct {
	*exchange
	selection apiserver.Selection
	options   *metav1.ListOptions
	stream    *eventStream
	position  int64  // the revision it has come to
	began     int64  // the revision after which changes are sent
	round     *round // nil while it is not waiting for news
}

func (x *exchange) watch() error {
	rep, err := x.represent(x.r, x.endpoint)
	if err != nil {
		return err
	}
	req := x.request(apiserver.List)
	if req.ListOptions, err = x.watchOptions(); err != nil {
		return err
	}
	selection, err := x.Server.Select(req)
	if err != nil {
		return err
	}
	w := &watching{exchange: x, selection: selection.Asking(x.Store, x.Ask), options: req.ListOptions}
	start, err := w.start()
	if err != nil {
		return err
	}
	if w.stream, err = newEventStream(x, rep); err != nil {
		return err
	}
	w.hub.join() // before the client knows that the watch stands
	defer w.hub.leave()
	if wsstream.IsWebSocketRequest(x.r) {
		w.serveSocket(start)
		return nil
	}
	w.stream.begin()
	w.serve(x.r.Context(), start)
	return nil
}

// serve sends events until the client leaves or its time is over.
func (w *watching) serve(ctx context.Context, start *store.Snapshot) {
	defer w.stream.patience.end()
	ctx, cancel := context.WithTimeout(ctx, watchTimeout(w.options))
	defer cancel()
	if err := w.run(ctx, start); errors.Is(err, errOutdated) {
		w.stream.flush() // an error means that the client is gone
	} else if err != nil {
		w.stream.fail(err)
	}
}

// watchOptions are the list options; the deprecated /watch/…/name paths select
// one object by name.
func (x *exchange) watchOptions() (*metav1.ListOptions, error) {
	options, err := listOptions(x.r)
	if err != nil {
		return nil, err
	}
	if name := x.name(); name != "" && options.FieldSelector == "" {
		options.FieldSelector = "metadata.name=" + name
	}
	return options, nil
}

// watchTimeout spreads the ends of watches over time, as upstream does, so
// that clients do not all come back at once.
func watchTimeout(options *metav1.ListOptions) time.Duration {
	if options.TimeoutSeconds != nil && *options.TimeoutSeconds != 0 {
		return time.Duration(*options.TimeoutSeconds) * time.Second
	}
	return shortestWatch + rand.N(shortestWatch)
}

// start is the snapshot whose objects the watch begins with, or nil if it
// begins after a revision, which is then the position.
func (w *watching) start() (*store.Snapshot, error) {
	asked, err := revision(w.options.ResourceVersion)
	if err != nil {
		return nil, err
	}
	initial := w.options.SendInitialEvents
	if initial != nil && *initial {
		w.awaitRevision(asked)
	}
	snapshot := w.Store.Snapshot()
	w.position = snapshot.Revision()
	switch {
	case initial != nil && *initial:
		return snapshot, nil
	case asked != 0:
		w.position = asked
		return nil, nil
	case initial != nil: // from now on, without what is there
		return nil, nil
	}
	return snapshot, nil
}

func revision(text string) (int64, error) {
	if text == "" || text == "0" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return 0, field.Invalid(field.NewPath("resourceVersion"), text, err.Error()) // a 500, as upstream's
	}
	return int64(n), nil
}

// errTooLarge is for a revision that is yet to come.
func errTooLarge(asked, current int64) error {
	err := apierrors.NewTimeoutError(fmt.Sprintf("Too large resource version: %d, current: %d", asked, current), 1)
	err.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: metav1.CauseTypeResourceVersionTooLarge, Message: "Too large resource version"}}
	return err
}

// run sends the objects of the start, then every change, until the context
// ends. An error is for the client.
func (w *watching) run(ctx context.Context, start *store.Snapshot) error {
	if start != nil {
		if err := w.sendInitial(start); err != nil {
			return err
		}
	}
	w.began = w.position
	bookmarks := newBookmarkTimer(ctx, w.BookmarkPeriod)
	defer bookmarks.Stop()
	defer func() { w.hub.move(w.round, nil, false) }()
	for {
		next, err := w.catchUp()
		if err != nil {
			return err
		}
		told := w.stream.unsent
		if err := w.stream.flush(); err != nil {
			return err
		}
		w.round = w.hub.move(w.round, next, told)
		select {
		case <-next.news:
		case <-bookmarks.C:
			bookmarks.again()
			if _, err := w.catchUp(); err != nil {
				return err
			}
			if err := w.bookmark(false); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// sendInitial sends the objects that are there as if each had just been
// created. A client that has seen more than there is hears so within the watch.
func (w *watching) sendInitial(start *store.Snapshot) error {
	if asked, _ := revision(w.options.ResourceVersion); asked > start.Revision() {
		return errTooLarge(asked, start.Revision())
	}
	for o := range start.List(w.selection.Resource, w.selection.Namespace) {
		obj, err := w.selection.Selected(o)
		if err != nil {
			return err
		}
		if obj == nil {
			continue
		}
		event := watch.Event{Type: watch.Added, Object: obj}
		if err := w.stream.send(event, 0); err != nil {
			return err
		}
	}
	w.position = start.Revision()
	if w.options.SendInitialEvents != nil && *w.options.SendInitialEvents {
		return w.bookmark(true)
	}
	return nil
}

// catchUp sends the changes up to now. The round is that of who waits for the
// next change of the resource. The error is a 410 if the position is no longer in
// the log, which is the only way in which a position can be wrong here.
func (w *watching) catchUp() (next *round, err error) {
	next, upTo, quiet := w.hub.quietSince(w.selection.Resource, w.position)
	// A definition that goes after this is news, and what went before a
	// definition is in the log when that is gone.
	outdated := w.isOutdated()
	if quiet && !outdated {
		w.position = upTo
		return next, nil
	}
	if err := w.sendChanges(); err != nil {
		return nil, err
	}
	if outdated {
		return nil, errOutdated
	}
	return next, nil
}

// sendChanges sends what the log has after the position.
func (w *watching) sendChanges() error {
	changes, err := w.Store.ChangesAfter(w.position)
	if err != nil {
		return apierrors.NewResourceExpired(fmt.Sprintf("too old resource version: %d (%d)", w.position, w.Store.Snapshot().Oldest()-1))
	}
	for _, change := range changes {
		w.position = change.Revision
		event, ok := w.selection.Event(change)
		if !ok {
			continue
		}
		if err := w.stream.send(event, change.Revision); err != nil {
			return err
		}
	}
	return nil
}

// errOutdated ends a watch of a custom resource whose definition has changed
// or is gone. Clients list and watch anew.
var errOutdated = errors.New("the definition has changed")

func (w *watching) isOutdated() bool {
	custom := w.endpoint.kind.Custom
	if custom == nil {
		return false
	}
	now, ok := w.Server.World().ByResource(w.selection.Resource)
	return !ok || now.Custom == nil || now.Custom.Specification != custom.Specification
}

// bookmark tells a client that wants to know how far the watch has come, if it
// has come any further. The one that ends the initial events says so.
func (w *watching) bookmark(endsInitial bool) error {
	if !w.options.AllowWatchBookmarks || !endsInitial && w.position == w.began {
		return nil
	}
	mark := w.endpoint.kind.New()
	mark.SetResourceVersion(strconv.FormatInt(w.position, 10))
	if endsInitial {
		mark.SetAnnotations(map[string]string{metav1.InitialEventsAnnotationKey: "true"})
	}
	mark.GetObjectKind().SetGroupVersionKind(w.endpoint.kind.GroupVersionKind)
	if err := w.stream.send(watch.Event{Type: watch.Bookmark, Object: mark}, 0); err != nil {
		return err
	}
	return w.stream.flush()
}
