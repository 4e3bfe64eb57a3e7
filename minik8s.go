package minik8s

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/authority"
	"github.com/minik8s/minik8s/apiserver/outside"
	"github.com/minik8s/minik8s/apiserver/wire"
	"github.com/minik8s/minik8s/engine"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/kinds/custom"
	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/store"
	"github.com/minik8s/minik8s/trace"
)

// Options make a cluster. The zero value is a good one: one node, built-in
// components, a clock that starts at the beginning of 2026.
type Options struct {
	// Nodes is how many machines there are: node-1, node-2 … Zero means one;
	// NoNodes means none.
	Nodes int
	// Seed is what names, UIDs and addresses are drawn from.
	Seed int64
	// Tick is the length of a tick in virtual time. Zero means 100 ms.
	Tick time.Duration
	// Start is the virtual time at which the cluster begins. Zero means
	// 2026-01-01T00:00:00Z.
	Start time.Time
	// Ask answers what the API server has to ask a program outside of the
	// cluster: webhooks. It may be called from many goroutines at once. What it
	// asks may use the cluster, but not move its clock. Nil calls webhooks over
	// the network.
	Ask func(outside.Question) outside.Answer
	// Components run in this order. Nil means Components(…).
	Components []reconcile.Component
	// Invariants are checked after every tick. See Invariants.
	Invariants []engine.Invariant
	// Tokens are static bearer tokens and whom they stand for.
	Tokens map[string]apiserver.User
	// WithoutAdmission names admission plugins that the API server does
	// without, such as "ServiceAccount". New refuses a name that no plugin has.
	WithoutAdmission []string
	// AlwaysAllow lets everyone do everything who says who they are. Otherwise the cluster's RBAC
	// objects and the Node authoriser decide.
	AlwaysAllow bool
	// ServiceCIDRs are where the cluster IPs of Services come from: a range, or
	// one of each family of addresses. None means 10.43.0.0/16.
	ServiceCIDRs []netip.Prefix
	// Authority signs the certificates that the cluster's users ask for, and is
	// what Pods find in kube-root-ca.crt. Nil means the one that is computed from
	// the seed; whoever serves the cluster over TLS may want another.
	Authority *authority.Authority
	// AuditLog, if set, is written an audit.k8s.io/v1 Event to, as a line of
	// JSON, for each stage of each request over HTTP. Forks write none.
	AuditLog io.Writer
	// RetainTicks and RetainRevisions bound how far back one can travel.
	// Zero means 1,000 ticks and 20,000 revisions.
	RetainTicks, RetainRevisions int
}

// NoNodes as Options.Nodes makes a cluster without machines.
const NoNodes = -1

// Cluster is a Kubernetes cluster in one value. It is safe for concurrent
// use; nothing happens in it by itself unless Run was called.
type Cluster struct {
	opts     Options
	registry *kinds.Registry
	handler  func() http.Handler // made when it is first asked for

	tickets atomic.Int64 // how many requests there have been
	driving sync.Mutex   // held by who moves the clock, also while webhooks are asked
	mu      sync.Mutex   // one thing at a time happens in the world
	engine  *engine.Engine
	live    *Live // nil unless running
}

// New returns a cluster whose control plane has just come up: its namespaces
// and the "kubernetes" Service are there, its nodes are not registered yet.
// Settle waits for them.
func New(opts Options) (*Cluster, error) {
	opts = opts.withDefaults()
	if err := opts.checkServer(); err != nil {
		return nil, err
	}
	registry := kinds.NewRegistry(kinds.All())
	if opts.Components == nil {
		opts.Components = Components(registry, opts)
	}
	e, err := engine.New(engine.Options{
		Components: opts.Components,
		NewServer: func(st *store.Store, now func() time.Time) *apiserver.Server {
			return apiserver.New(opts.server(apiserver.Config{Store: st, Kinds: registry, Now: now}))
		},
		Start:           opts.Start,
		Tick:            opts.Tick,
		Invariants:      opts.Invariants,
		RetainTicks:     opts.RetainTicks,
		RetainRevisions: opts.RetainRevisions,
	})
	if err != nil {
		return nil, fmt.Errorf("make a cluster: %w", err)
	}
	if err := e.Server().Bootstrap(); err != nil {
		return nil, fmt.Errorf("make the first objects: %w", err)
	}
	c := newCluster(opts, registry, e)
	for n := range opts.Nodes {
		if err := c.AddMachine(machine(n)); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func newCluster(opts Options, registry *kinds.Registry, e *engine.Engine) *Cluster {
	c := &Cluster{opts: opts, registry: registry, engine: e}
	c.handler = sync.OnceValue(func() http.Handler {
		return wire.NewHandler(wire.Config{
			Do: c.Do, Ask: opts.Ask, Server: e.Server().In(e.Store(), c.Now), Store: e.Store(), Kinds: registry, Now: c.Now,
			Node: nodeSide(e.Store()), Audit: opts.AuditLog, Metrics: []prometheus.Collector{clockMetrics{c}},
		})
	})
	return c
}

// forked is the cluster of a world that was forked from this one's.
func (c *Cluster) forked(e *engine.Engine) *Cluster {
	opts := c.opts
	opts.AuditLog = nil
	f := newCluster(opts, c.registry, e)
	f.tickets.Store(c.tickets.Load())
	return f
}

func (o Options) withDefaults() Options {
	if o.Nodes == 0 {
		o.Nodes = 1
	}
	if o.Tick == 0 {
		o.Tick = 100 * time.Millisecond
	}
	if o.Start.IsZero() {
		o.Start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	o.Authority = o.authority()
	if o.Ask == nil {
		o.Ask = wire.NewAsker().Ask
	}
	if o.RetainTicks == 0 {
		o.RetainTicks = 1_000
	}
	if o.RetainRevisions == 0 {
		o.RetainRevisions = 20_000
	}
	return o
}

// Do carries out one API request. Writes are journalled. Errors are
// *apierrors.StatusError, as a real API server would answer. While webhooks are
// asked, the world goes on; a request that meets another world afterwards, about
// which they have to be asked anew, is tried until its time is over.
func (c *Cluster) Do(r apiserver.Request) (apiserver.Response, error) {
	r.Ticket = c.tickets.Add(1)
	asking := asking{ask: c.opts.Ask, lasts: r.Timeout}
	for {
		response, err := c.do(r)
		if err == nil {
			return response, nil
		}
		var unanswered *apiserver.Unanswered
		if !errors.As(err, &unanswered) {
			return response, err
		}
		answers, err := asking.answers(unanswered.Questions)
		if err != nil {
			return apiserver.Response{}, err
		}
		r = unanswered.With(answers...)
	}
}

func (c *Cluster) do(r apiserver.Request) (apiserver.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.live == nil {
		return c.engine.Do(r)
	}
	if err := c.live.catchUp(); err != nil {
		return apiserver.Response{}, err
	}
	before := c.Store().Revision()
	response, err := c.engine.Do(r)
	if c.Store().Revision() > before {
		c.live.hurry()
	}
	return response, err
}

// Now is the virtual time.
func (c *Cluster) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.engine.Now()
}

// Store is the world's store, for reading snapshots and waiting for news.
func (c *Cluster) Store() *store.Store { return c.engine.Store() }

// Kinds are the kinds that the cluster serves at this moment, those of its
// CustomResourceDefinitions included.
func (c *Cluster) Kinds() custom.World { return c.engine.Server().World() }

// Handler is the cluster's API over HTTP.
func (c *Cluster) Handler() http.Handler { return c.handler() }

// PlanNext says what the next Step would do, without doing it.
func (c *Cluster) PlanNext() (*trace.Turn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	turn, fork, err := c.engine.PlanNext()
	return told(fork, turn), err
}

// Work lists what is due and when, soonest first.
func (c *Cluster) Work() ([]engine.Work, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.engine.Upcoming()
}

// Fork returns a cluster of its own that starts as this one is. It costs
// nothing that grows with the cluster.
func (c *Cluster) Fork() *Cluster {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.forked(c.engine.Fork())
}

// At returns a fork of the cluster as it was right after a revision was
// written. The error is a *store.RevisionError.
func (c *Cluster) At(revision int64) (*Cluster, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, err := c.engine.At(revision)
	if err != nil {
		return nil, err
	}
	return c.forked(e), nil
}

// AtTick returns a fork of the cluster as it was when a tick began.
func (c *Cluster) AtTick(tick int64) (*Cluster, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, err := c.engine.AtTick(tick)
	if err != nil {
		return nil, err
	}
	return c.forked(e), nil
}

// Replay runs everything since a retained tick again, and returns the cluster
// that comes of it. Its change log is this cluster's.
func (c *Cluster) Replay(fromTick int64) (*Cluster, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, err := c.engine.Replay(fromTick)
	if err != nil {
		return nil, err
	}
	return c.forked(e), nil
}

// SetLag makes a component ("default-scheduler", "kubelet/node-1") see the cluster as
// it was that many ticks ago, as a slow informer would.
func (c *Cluster) SetLag(component string, ticks int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.engine.SetLag(component, ticks)
}

// SetOwnWrites switches the rule that a key is not reconciled before its
// component's view has reached the key's own last write.
func (c *Cluster) SetOwnWrites(on bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.engine.SetOwnWrites(on)
}

// Crash stops a component: its queue and timers are lost.
func (c *Cluster) Crash(component string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.engine.Crash(component)
}

// Restart starts a component again: it lists everything anew.
func (c *Cluster) Restart(component string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.engine.Restart(component)
}

// admin is who acts through the Go API.
var admin = apiserver.User{Name: "kubernetes-admin", Groups: []string{"kubeadm:cluster-admins", "system:masters", "system:authenticated"}}

func (c *Cluster) create(o reconcile.Object, reason string) error {
	kind, ok := c.Kinds().Of(o)
	if !ok {
		return fmt.Errorf("%s: unknown kind %T", reason, o)
	}
	r := apiserver.Request{
		Verb: apiserver.Create, Resource: kind.GroupVersion().WithResource(kind.Resource),
		Namespace: o.GetNamespace(), Object: o, User: admin, CreateOptions: &metav1.CreateOptions{},
	}
	r.Origin.Reason = reason
	_, err := c.Do(r)
	return err
}
