package control

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/trace"
)

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: nginx, image: nginx}]}
`

// serveTest serves a paused cluster with one ready node.
func serveTest(t *testing.T, process Process) (*minik8s.Cluster, *Client) {
	t.Helper()
	cluster, err := minik8s.New(minik8s.Options{})
	require.NoError(t, err)
	_, err = cluster.Settle(time.Minute)
	require.NoError(t, err)
	live := cluster.Run(t.Context(), minik8s.LiveOptions{Speed: 1, Paused: true})
	server := httptest.NewServer(Mount(http.NotFoundHandler(), cluster, live, process))
	t.Cleanup(server.Close)
	client, err := NewClient(&rest.Config{Host: server.URL})
	require.NoError(t, err)
	return cluster, client
}

func TestClock(t *testing.T) {
	cluster, c := serveTest(t, Process{Name: "test", PID: 7})
	ctx := t.Context()
	before, err := c.State(ctx)
	require.NoError(t, err)
	require.Equal(t, "test", before.Name)
	require.Equal(t, 7, before.PID)
	require.True(t, before.Paused)
	require.Equal(t, 1, before.NodesReady)

	require.NoError(t, cluster.Apply(deployment))
	plan, err := c.Plan(ctx)
	require.NoError(t, err)
	require.Len(t, plan.Turns, 1)
	require.True(t, plan.Turns[0].Planned)

	step, err := c.Step(ctx, 1)
	require.NoError(t, err)
	require.Len(t, step.Turns, 1)
	require.Equal(t, "deployment-controller", step.Turns[0].Component)
	require.NotEmpty(t, step.Turns[0].Calls[0].Diff, "a step shows what it changed")
	require.Contains(t, step.Turns[0].Woken, "create of deployments.apps default/web")

	ticks, err := c.Tick(ctx, 2)
	require.NoError(t, err)
	require.NotEmpty(t, ticks.Turns)
	require.Equal(t, step.After.Tick+2, ticks.After.Tick)
	for _, turn := range ticks.Turns {
		require.Greater(t, turn.Number, ticks.Since)
	}

	settled, err := c.Settle(ctx, time.Minute)
	require.NoError(t, err)
	require.Empty(t, settled.Incomplete)
	require.Positive(t, settled.Count)
	require.Empty(t, settled.Turns, "settle only counts")
	state, err := c.State(ctx)
	require.NoError(t, err)
	require.Equal(t, map[string]int{"Running": 2}, state.Pods)
	require.True(t, state.Paused)

	moved, err := c.Advance(ctx, time.Hour)
	require.NoError(t, err)
	require.Equal(t, time.Hour, moved.After.Time.Sub(moved.Before.Time))
}

// When the clock is moved while it goes, it goes on from there: it must not
// stand until the wall clock has caught up.
func TestAdvanceWhileRunning(t *testing.T) {
	_, c := serveTest(t, Process{})
	ctx := t.Context()
	_, err := c.Resume(ctx)
	require.NoError(t, err)
	_, err = c.Step(ctx, 1)
	require.EqualError(t, err, "the cluster is running; pause it first: minik8s pause")
	moved, err := c.Advance(ctx, time.Hour)
	require.NoError(t, err)
	_, err = c.Speed(ctx, 1000)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		state, err := c.State(ctx)
		return err == nil && state.Now.After(moved.After.Time.Add(10*time.Second))
	}, time.Minute, 10*time.Millisecond)
	state, err := c.Pause(ctx)
	require.NoError(t, err)
	require.True(t, state.Paused)
	require.EqualValues(t, 1000, state.Speed)
}

func TestRefusals(t *testing.T) {
	_, c := serveTest(t, Process{})
	ctx := t.Context()
	for want, ask := range map[string]func() error{
		"the clock only goes forward":                                 func() error { _, err := c.Advance(ctx, -time.Second); return err },
		"the speed cannot be negative":                                func() error { _, err := c.Speed(ctx, -1); return err },
		"this cluster cannot be stopped from outside":                 func() error { _, err := c.Stop(ctx); return err },
		`there is no kind "podz"; see: minik8s api-resources`:         func() error { _, err := c.Why(ctx, Object{Kind: "podz", Name: "a"}); return err },
		"name an object as KIND/NAME, for example pod/web":            func() error { _, err := c.History(ctx, Object{Kind: "pod"}); return err },
		"pods default/a: no such object, now or in the retained past": func() error { _, err := c.Why(ctx, Object{Kind: "pod", Name: "a", Namespace: "default"}); return err },
		"only pods are scheduled, not deployments: write pod/NAME":    func() error { _, err := c.WhyScheduled(ctx, Object{Kind: "deploy", Name: "a"}); return err },
		`nodes "node-9" not found; see: minik8s get nodes`:            func() error { _, err := c.ProxyRules(ctx, "node-9"); return err },
		`there is no kind "frob"; see: minik8s api-resources`:         func() error { return c.Trace(ctx, Past{Object: &Object{Kind: "frob", Name: "a"}}, nil) },
		"the simulator has no GET /minik8s/v1/frobs":                  func() error { _, err := get[State](ctx, c, "frobs", nil); return err },
		"reading the request: json: unknown field \"frobs\"":          func() error { _, err := post[State](ctx, c, "speed", map[string]int{"frobs": 1}); return err },
	} {
		err := ask()
		require.EqualError(t, err, want)
		var refused *Error
		require.ErrorAs(t, err, &refused)
		require.GreaterOrEqual(t, refused.Status, 400)
	}
}

func TestStory(t *testing.T) {
	cluster, c := serveTest(t, Process{})
	ctx := t.Context()
	require.NoError(t, cluster.Apply(deployment))
	_, err := c.Tick(ctx, 2)
	require.NoError(t, err)

	queue, err := c.Work(ctx)
	require.NoError(t, err)
	require.NotEmpty(t, queue.Work)
	require.NotZero(t, queue.Now)

	web := Object{Kind: "deploy", Name: "web", Namespace: "default"}
	history, err := c.History(ctx, web)
	require.NoError(t, err)
	require.Equal(t, "create", history[0].Verb)
	require.NotEmpty(t, history[0].Diff)
	why, err := c.Why(ctx, web)
	require.NoError(t, err)
	require.NotEmpty(t, why)

	var turns []*trace.Turn
	keep := func(turn *trace.Turn) error { turns = append(turns, turn); return nil }
	require.NoError(t, c.Trace(ctx, Past{Object: &web}, keep))
	for _, turn := range turns {
		require.NotEmpty(t, turn.Calls)
	}
	turns = nil
	require.NoError(t, c.Trace(ctx, Past{Limit: 2}, keep))
	require.Len(t, turns, 2)

	rules, err := c.ProxyRules(ctx, "")
	require.NoError(t, err)
	require.Equal(t, "node-1", rules[0].Node)
}

func TestFollow(t *testing.T) {
	cluster, c := serveTest(t, Process{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	newest := int64(0)
	require.NoError(t, c.Trace(ctx, Past{Follow: true, Limit: 1}, func(turn *trace.Turn) error {
		require.Greater(t, turn.Number, newest, "no turn is told twice")
		if newest == 0 {
			require.NoError(t, cluster.Apply(deployment)) // while it is followed
		}
		newest = turn.Number
		if turn.Component == "" && len(turn.Calls) > 0 && turn.Calls[0].Resource == "deployments.apps" {
			cancel()
		}
		return nil
	}))

	stop := errors.New("enough")
	require.ErrorIs(t, c.Trace(t.Context(), Past{}, func(*trace.Turn) error { return stop }), stop)
}

func TestStop(t *testing.T) {
	stopped := false
	_, c := serveTest(t, Process{Name: "test", Stop: func() { stopped = true }})
	state, err := c.Stop(t.Context())
	require.NoError(t, err)
	require.Equal(t, "test", state.Name)
	require.True(t, stopped)
}

// Over TLS, who has no certificate of the cluster is turned away; all other
// paths are not this package's business.
func TestCertificateIsAsked(t *testing.T) {
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	server := httptest.NewTLSServer(Mount(next, nil, nil, Process{}))
	defer server.Close()
	for path, status := range map[string]int{
		"/minik8s/v1/state": http.StatusUnauthorized,
		"/minik8s/v1/":      http.StatusUnauthorized,
		"/api/v1/pods":      http.StatusTeapot,
		"/minik8s/v2/state": http.StatusTeapot,
	} {
		response, err := server.Client().Get(server.URL + path)
		require.NoError(t, err)
		response.Body.Close()
		require.Equal(t, status, response.StatusCode, path)
	}
}

// A real cluster has no such API; what it answers is said in our words.
func TestNotASimulatedCluster(t *testing.T) {
	for body, want := range map[string]string{
		`{"kind":"Status","status":"Failure","message":"forbidden: User \"x\" cannot get path","code":403}`: "this cluster is not a simulated one: it has no clock to move and no past to ask",
		"404 page not found\n": "this cluster is not a simulated one: it has no clock to move and no past to ask",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(body))
		}))
		c, err := NewClient(&rest.Config{Host: server.URL})
		require.NoError(t, err)
		_, err = c.State(t.Context())
		require.EqualError(t, err, want)
		server.Close()
	}
}

func TestResolve(t *testing.T) {
	cluster, err := minik8s.New(minik8s.Options{Nodes: minik8s.NoNodes})
	require.NoError(t, err)
	s := &server{cluster: cluster}
	pods, deployments := schema.GroupResource{Resource: "pods"}, schema.GroupResource{Group: "apps", Resource: "deployments"}
	for called, want := range map[string]schema.GroupResource{
		"pod": pods, "pods": pods, "po": pods, "Pod": pods,
		"deploy": deployments, "deployment": deployments, "Deployment": deployments, "deployments.apps": deployments,
		"events.events.k8s.io": {Resource: "events"}, "events": {Resource: "events"}, // one kind by two groups
	} {
		got, err := s.resolve(Object{Kind: called, Name: "a", Namespace: "ns"})
		require.NoError(t, err, called)
		require.Equal(t, resolved{want, "ns", "a"}, got, called)
	}
	node, err := s.resolve(Object{Kind: "no", Name: "node-1", Namespace: "default"})
	require.NoError(t, err)
	require.Empty(t, node.namespace, "a node has no namespace")
	for _, unknown := range []string{"deployments.batch", "podss", "pods.v9"} {
		_, err := s.resolve(Object{Kind: unknown, Name: "a"})
		require.Error(t, err, unknown)
	}
}
