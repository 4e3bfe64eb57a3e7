package main

import (
	"context"
	"crypto/tls"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/apiserver/authority"
	"github.com/minik8s/minik8s/apiserver/wire"
	"github.com/minik8s/minik8s/control"
)

// serveCommand is the argument with which "up" starts the process that stays
// behind. What to serve follows as JSON.
const serveCommand = "__serve"

// clusterOptions are those of "up".
type clusterOptions struct {
	Nodes  int           `json:"nodes"`
	Seed   int64         `json:"seed"`
	Tick   time.Duration `json:"tick"`
	Speed  float64       `json:"speed"` // 0: as fast as it goes
	Paused bool          `json:"paused,omitempty"`
	Port   int           `json:"port,omitempty"` // 0: any that is free

	Controllers []string `json:"controllers"` // see componentsOf
	apiServerOptions
}

// order is what the process is told to serve.
type order struct {
	Name string         `json:"name"`
	With clusterOptions `json:"with"`
}

// reply is the one line that the process answers with on its standard output.
type reply struct {
	Ready bool   `json:"ready,omitempty"`
	Error string `json:"error,omitempty"`
}

// serve is the whole life of the background process.
func serve(args []string, streams genericiooptions.IOStreams) int {
	var o order
	if len(args) != 1 || json.Unmarshal([]byte(args[0]), &o) != nil {
		fmt.Fprintln(streams.ErrOut, "this is what minik8s up starts in the background; use minik8s up")
		return 1
	}
	answer := json.NewEncoder(streams.Out)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := serveCluster(ctx, o, func(*record) error { return answer.Encode(reply{Ready: true}) })
	if err != nil {
		_ = answer.Encode(reply{Error: err.Error()})
		fmt.Fprintln(streams.ErrOut, err)
		return 1
	}
	return 0
}

// serveCluster runs a cluster until ctx is done or the cluster is asked to
// stop. It calls ready once the cluster can be used.
func serveCluster(ctx context.Context, o order, ready func(*record) error) error {
	pace()
	h, err := homeOf(o.Name)
	if err != nil {
		return err
	}
	if err := h.make(); err != nil {
		return err
	}
	lock, err := h.lock()
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := h.removeTraces(); err != nil {
		return err
	}
	listener, err := listen(o.With.Port)
	if err != nil {
		return err
	}
	defer listener.Close()

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	audit, err := openAuditLog(o.With.Audit)
	if err != nil {
		return err
	}
	if audit != nil {
		defer audit.Close()
	}
	ca, err := wire.NewAuthority()
	if err != nil {
		return err
	}
	process := control.Process{Name: o.Name, PID: os.Getpid(), Stop: stop, Clients: ca.Pool()}
	handler, err := startCluster(ctx, o.With, ca, audit, process)
	if err != nil {
		return err
	}
	record := &record{
		Name: o.Name, PID: process.PID, Server: "https://" + listener.Addr().String(), Since: time.Now(), With: o.With,
	}
	config, err := publish(h, record, ca)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- wire.Serve(ctx, listener, sparing(handler), config) }()
	if err := ready(record); err != nil {
		return err
	}
	return errors.Join(<-served, os.Remove(h.path("cluster.json")), os.Remove(h.path("admin.conf")))
}

// startCluster makes a cluster, waits in virtual time until its nodes are
// ready, and sets its clock going. Every start has a new authority, whose key
// never leaves the process.
func startCluster(ctx context.Context, with clusterOptions, ca *authority.Authority, audit *os.File, process control.Process) (http.Handler, error) {
	options := minik8s.Options{Nodes: with.Nodes, Seed: with.Seed, Tick: with.Tick, Start: time.Now().Add(-bootTime).UTC(), Authority: ca}
	if err := with.setIn(&options); err != nil {
		return nil, err
	}
	if audit != nil {
		options.AuditLog = audit
	}
	var err error
	if options.Tokens, err = readTokens(with.Tokens); err != nil {
		return nil, err
	}
	if options.Components, err = componentsOf(with.Controllers, options); err != nil {
		return nil, err
	}
	cluster, err := minik8s.New(options)
	if err != nil {
		return nil, err
	}
	if _, err := cluster.Settle(time.Minute); err != nil {
		return nil, fmt.Errorf("waiting for the nodes: %w", err)
	}
	live := cluster.Run(ctx, minik8s.LiveOptions{Speed: with.Speed, Paused: with.Paused})
	return control.Mount(cluster.Handler(), cluster, live, process), nil
}

// bootTime is about how much virtual time passes until the nodes are ready.
// Beginning that much earlier makes the virtual clock agree with the wall's.
const bootTime = time.Second

func listen(port int) (net.Listener, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", fmt.Sprint(port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %d is in use; choose another with --port, or leave --port out to get a free one", port)
	}
	if err != nil {
		return nil, fmt.Errorf("listening (see --port): %w", err)
	}
	return listener, nil
}

// publish makes the cluster's credentials and writes down how to reach it.
func publish(h home, r *record, ca *authority.Authority) (*tls.Config, error) {
	c, err := wire.NewCredentials(ca, pkix.Name{CommonName: "minik8s-admin", Organization: []string{"system:masters"}})
	if err != nil {
		return nil, err
	}
	text, err := clientcmd.Write(*adminConfig(r.Name, r.Server, c))
	if err != nil {
		return nil, err
	}
	if err := writeFile(h.path("admin.conf"), text, 0o600); err != nil {
		return nil, err
	}
	config, err := c.TLS()
	return config, errors.Join(err, writeJSON(h.path("cluster.json"), r))
}
