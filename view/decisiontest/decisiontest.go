// Package decisiontest tests what components decide: YAML in, ordered calls
// with reasons out. A test is a folder of datadriven files:
//
//	world now=2026-01-01T00:00:00Z
//	<YAML documents>
//	----
//	ok
//
//	reconcile replicaset-controller default/web
//	----
//	saw 1 of 3 pods
//	create pods default/web-x2x4v: have 1 of 3 pods
//	  + metadata.labels.app: web
//
// `go test -rewrite` writes the answers anew; read the diff.
//
// Read next: world.go for how a world is made, print.go for how a plan is shown.
package decisiontest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/store"
)

// Run runs every file below path. Commands:
//
//	world [now=TIME]           replaces the world by the YAML objects of the input
//	add                        adds or replaces objects
//	remove RESOURCE NS/NAME    takes one away
//	after d=DURATION           moves the clock
//	reconcile COMPONENT KEY [node=N] [attempt=N] [error=TEXT] [brief]
//	wake COMPONENT RESOURCE NS/NAME   lists the keys that the object's creation wakes
func Run(t *testing.T, path string, components ...reconcile.Component) {
	t.Helper()
	datadriven.Walk(t, path, func(t *testing.T, file string) {
		w := newWorld()
		datadriven.RunTest(t, file, func(t *testing.T, d *datadriven.TestData) string {
			w.t = t
			answer, err := w.do(components, d)
			if err != nil {
				return "error: " + err.Error() + "\n"
			}
			return answer
		})
	})
}

func (w *world) do(components []reconcile.Component, d *datadriven.TestData) (string, error) {
	switch d.Cmd {
	case "world":
		w.store, w.now = store.New(), epoch
		if err := w.setNow(d); err != nil {
			return "", err
		}
		return "ok\n", w.add(d.Input)
	case "add":
		return "ok\n", w.add(d.Input)
	case "remove":
		return "ok\n", w.remove(arg(d, 0), key(arg(d, 1)))
	case "after":
		var text string
		d.MaybeScanArgs(w.t, "d", &text)
		passed, err := time.ParseDuration(text)
		w.now = w.now.Add(passed)
		return "ok\n", err
	case "reconcile":
		return w.reconcile(components, d)
	case "wake":
		return w.wake(components, d)
	}
	return "", fmt.Errorf("unknown command %q: world, add, remove, after, reconcile or wake", d.Cmd)
}

func (w *world) setNow(d *datadriven.TestData) error {
	if !d.HasArg("now") {
		return nil
	}
	var text string
	d.MaybeScanArgs(w.t, "now", &text)
	now, err := time.Parse(time.RFC3339, text)
	w.now = now.UTC()
	return err
}

func find(components []reconcile.Component, name string) (reconcile.Component, error) {
	for _, c := range components {
		if c.Name == name {
			return c, nil
		}
	}
	return reconcile.Component{}, fmt.Errorf("no component %q in this test", name)
}

func (w *world) reconcile(components []reconcile.Component, d *datadriven.TestData) (string, error) {
	c, err := find(components, arg(d, 0))
	if err != nil {
		return "", err
	}
	req := reconcile.Request{Key: key(arg(d, 1))}
	d.MaybeScanArgs(w.t, "node", &req.Node)
	if d.HasArg("attempt") {
		var n string
		d.MaybeScanArgs(w.t, "attempt", &n)
		if req.Attempt, err = strconv.Atoi(n); err != nil {
			return "", err
		}
	}
	if d.HasArg("error") {
		var text string
		d.MaybeScanArgs(w.t, "error", &text)
		req.LastErr = errors.New(text)
	}
	v := w.view()
	plan, err := c.Reconcile(v, req)
	return w.print(v, plan, err, d.HasArg("brief")), nil
}

func (w *world) wake(components []reconcile.Component, d *datadriven.TestData) (string, error) {
	c, err := find(components, arg(d, 0))
	if err != nil {
		return "", err
	}
	v := w.view()
	gr := groupResource(arg(d, 1))
	o, ok := v.Get(gr, key(arg(d, 2)))
	if !ok {
		return "", fmt.Errorf("no %s %s in this world", gr, arg(d, 2))
	}
	var woken []string
	for _, watch := range c.Watches {
		if watch.Resource != gr || (watch.When != nil && !watch.When(nil, o)) {
			continue
		}
		keys := []reconcile.Key{reconcile.KeyOf(o)}
		if watch.Keys != nil {
			keys = watch.Keys(v, o)
		}
		for _, k := range keys {
			woken = append(woken, show(k))
		}
	}
	if len(woken) == 0 {
		return "nobody\n", nil
	}
	return strings.Join(woken, "\n") + "\n", nil
}

// arg is the n-th argument without a value.
func arg(d *datadriven.TestData, n int) string {
	for _, a := range d.CmdArgs {
		if len(a.Vals) > 0 {
			continue
		}
		if n == 0 {
			return a.Key
		}
		n--
	}
	return ""
}

// key reads "namespace/name", "name", or "." for the Single key.
func key(s string) reconcile.Key {
	if s == "." {
		return reconcile.Single
	}
	if ns, name, ok := strings.Cut(s, "/"); ok {
		return reconcile.Key{Namespace: ns, Name: name}
	}
	return reconcile.Key{Name: s}
}

func show(k reconcile.Key) string {
	if k == reconcile.Single {
		return "."
	}
	return k.String()
}
