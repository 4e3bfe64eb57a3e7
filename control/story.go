package control

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/scheduler"
	"github.com/minik8s/minik8s/trace"
	"github.com/minik8s/minik8s/view"
)

func (s *server) work(*http.Request) (Queue, error) {
	upcoming, err := s.cluster.Work()
	if err != nil {
		return Queue{}, err
	}
	q := Queue{Now: s.live.State().Now}
	for _, w := range upcoming {
		line := Work{
			Component: w.Instance, Key: w.Key.String(), Due: w.Due, Attempt: w.Attempt,
			Cause: w.Cause, Why: w.Why, Background: w.Background,
		}
		if w.LastErr != nil {
			line.LastErr = w.LastErr.Error()
		}
		q.Work = append(q.Work, line)
	}
	return q, nil
}

func (s *server) why(r *http.Request) ([]trace.Link, error) {
	o, err := s.resolve(objectFrom(r))
	if err != nil {
		return nil, err
	}
	return s.cluster.Why(o.resource, o.namespace, o.name)
}

func (s *server) history(r *http.Request) ([]trace.Revision, error) {
	o, err := s.resolve(objectFrom(r))
	if err != nil {
		return nil, err
	}
	return s.cluster.History(o.resource, o.namespace, o.name)
}

func (s *server) whyScheduled(r *http.Request) (scheduler.Explanation, error) {
	o, err := s.resolve(objectFrom(r))
	if err != nil {
		return scheduler.Explanation{}, err
	}
	if o.resource != reconcile.Pods.GroupResource {
		return scheduler.Explanation{}, refuse(http.StatusBadRequest, "only pods are scheduled, not %s: write pod/NAME", o.resource.Resource)
	}
	return s.cluster.WhySchedule(o.namespace, o.name)
}

func (s *server) proxyRules(r *http.Request) ([]NodeRules, error) {
	nodes := []string{r.URL.Query().Get("node")}
	if nodes[0] == "" {
		nodes = s.machines()
	}
	var all []NodeRules
	for _, node := range nodes {
		rules, err := s.cluster.ProxyRules(node)
		if err != nil {
			return nil, refuse(http.StatusNotFound, "%v; see: minik8s get nodes", err)
		}
		all = append(all, NodeRules{Node: node, Rules: rules})
	}
	return all, nil
}

func (s *server) machines() []string {
	var names []string
	for _, m := range reconcile.Machines.List(view.New(s.cluster.Store().Snapshot(), time.Time{})) {
		names = append(names, m.Name)
	}
	return names
}

func pastOf(since int64) minik8s.TraceOptions { return minik8s.TraceOptions{Since: since} }

// trace writes turns as JSON lines, and with follow goes on until the client
// has had enough.
func (s *server) trace(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	since, _ := strconv.ParseInt(query.Get("since"), 10, 64)
	limit, _ := strconv.Atoi(query.Get("limit"))
	options := minik8s.TraceOptions{Since: since, Limit: limit}
	if query.Has("kind") {
		o, err := s.resolve(objectFrom(r))
		if err != nil {
			writeError(w, err)
			return
		}
		options.Resource, options.Namespace, options.Name = o.resource, o.namespace, o.name
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	lines := json.NewEncoder(w)
	for {
		news := s.cluster.Store().News()
		newest := s.live.State().Turn
		for _, t := range s.cluster.Trace(options) {
			if lines.Encode(t) != nil {
				return
			}
			newest = max(newest, t.Number)
		}
		if query.Get("follow") != "true" {
			return
		}
		_ = http.NewResponseController(w).Flush()
		options.Since, options.Limit = newest, 0
		select {
		case <-news:
		case <-time.After(quietTurns):
		case <-r.Context().Done():
			return
		}
	}
}

// quietTurns is how often a trace that is followed looks for turns that wrote
// nothing and so made no news.
const quietTurns = 200 * time.Millisecond
