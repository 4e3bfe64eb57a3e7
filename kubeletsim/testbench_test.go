package kubeletsim

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/reconcile/nodelocal"
	"github.com/minik8s/minik8s/store"
	"github.com/minik8s/minik8s/trace"
	"github.com/minik8s/minik8s/view"
)

// testBench is a machine on a bench: one kubelet, run tick by tick against a
// store, as the engine would, so that a test can follow a Pod through time.
type testBench struct {
	t         testing.TB
	kubelet   reconcile.Component
	store     *store.Store
	now       time.Time
	due       map[reconcile.Key]time.Time
	addresses int
	settling  map[reconcile.Key]bool // keys whose next turn is no heartbeat
	out       strings.Builder
	brief     bool // prints only what happens in sandboxes
	full      bool // prints every field that changes
	printing  bool // the turn at hand
}

const (
	benchNode = "node-1"
	benchTick = 100 * time.Millisecond
)

var benchStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func newTestBench(t testing.TB) *testBench {
	b := &testBench{t: t, kubelet: Kubelet(), store: store.New(), now: benchStart,
		due: map[reconcile.Key]time.Time{}, settling: map[reconcile.Key]bool{}}
	b.store.CheckImmutable()
	return b
}

func (b *testBench) view() reconcile.View { return view.New(b.store.Snapshot(), b.now) }

// run runs the turns that fall due within d, or, if d is zero, until only
// heartbeats are left.
func (b *testBench) run(d time.Duration) {
	end := b.now.Add(d)
	for range 10_000 {
		key, at, ok := b.next(d == 0)
		if !ok || d > 0 && at.After(end) {
			if d > 0 {
				b.now = end
			}
			require.NoError(b.t, b.store.VerifyImmutable())
			return
		}
		b.now = at
		b.turn(key)
	}
	b.t.Fatal("the kubelet never comes to rest")
}

// next is the key that is due first.
func (b *testBench) next(foreground bool) (key reconcile.Key, at time.Time, ok bool) {
	for k, due := range b.due {
		if foreground && !b.settling[k] {
			continue
		}
		if !ok || due.Before(at) || due.Equal(at) && k.String() < key.String() {
			key, at, ok = k, due, true
		}
	}
	return key, latest(at, b.now), ok
}

func (b *testBench) turn(key reconcile.Key) {
	delete(b.due, key)
	delete(b.settling, key)
	plan, err := b.kubelet.Reconcile(b.view(), reconcile.Request{Key: key, Node: benchNode})
	require.NoError(b.t, err)
	b.printing = slices.ContainsFunc(plan.Calls, b.worthPrinting)
	b.print("+%s %s\n", b.now.Sub(benchStart), key)
	for _, call := range plan.Calls {
		b.carryOut(call)
	}
	if plan.After > 0 {
		if !b.brief {
			b.print("  wait %s %s\n", plan.After, plan.AfterWhy)
		}
		b.wake(key, b.now.Add(plan.After), plan.Background)
	}
}

// worthPrinting leaves out the renewals of the node's lease and, in brief,
// everything but what happens in sandboxes.
func (b *testBench) worthPrinting(call reconcile.Call) bool {
	switch call.Object.(type) {
	case *coordinationv1.Lease:
		return false
	case *nodelocal.Sandbox:
		return true
	}
	return !b.brief
}

func (b *testBench) print(format string, args ...any) {
	if b.printing {
		fmt.Fprintf(&b.out, format, args...)
	}
}

// wake makes a key due, at the first tick from a moment on.
func (b *testBench) wake(key reconcile.Key, at time.Time, background bool) {
	if past := at.Sub(benchStart) % benchTick; past > 0 {
		at = at.Add(benchTick - past)
	}
	if !at.After(b.now) {
		at = b.now.Add(benchTick)
	}
	if due, ok := b.due[key]; !ok || at.Before(due) {
		b.due[key] = at
	}
	if !background {
		b.settling[key] = true
	}
}

func (b *testBench) carryOut(call reconcile.Call) {
	if call.Verb == reconcile.Event {
		if !b.brief {
			b.print("  event %s %s: %s\n", call.EventType, call.EventReason, strings.TrimSpace(call.Message))
		}
		return
	}
	if b.worthPrinting(call) {
		b.print("  %s %s: %s\n", call.Verb, kindOf(call.Object), call.Why)
	}
	object := call.Object.DeepCopyObject().(reconcile.Object)
	switch call.Verb {
	case reconcile.Create:
		b.admit(object)
		b.put(object)
	case reconcile.Delete:
		if pod, ok := object.(*corev1.Pod); ok && *call.Options.GracePeriodSeconds > 0 {
			b.t.Fatalf("the kubelet must delete %s at once", pod.Name)
		}
		b.remove(object)
	default:
		b.describe(object)
		b.put(object)
	}
}

// describe shows what a write changes: the fields, if all are wanted, or else
// a Pod's status in short.
func (b *testBench) describe(o reconcile.Object) {
	if b.full {
		for _, line := range trace.Diff(b.get(resourceOf(o), o), o) {
			b.print("    %s\n", line)
		}
	} else if pod, ok := o.(*corev1.Pod); ok && !b.brief {
		describeStatus(&b.out, pod)
	}
}

// admit does what the API door does to a new object.
func (b *testBench) admit(o reconcile.Object) {
	if o.GetUID() == "" {
		o.SetUID(types.UID(strings.ToLower(kindOf(o)) + "-" + o.GetName()))
	}
	if s, ok := o.(*nodelocal.Sandbox); ok && !s.HostNetwork {
		b.addresses++
		s.IP = "10.244.1." + strconv.Itoa(b.addresses)
	}
}

func (b *testBench) get(gr schema.GroupResource, o reconcile.Object) reconcile.Object {
	before, _ := b.view().Get(gr, reconcile.KeyOf(o))
	return before
}

func (b *testBench) put(o reconcile.Object) {
	gr := resourceOf(o)
	before := b.get(gr, o)
	row := &store.Object{Resource: gr, Namespace: o.GetNamespace(), Name: o.GetName(), Value: o}
	if pod, ok := o.(*corev1.Pod); ok {
		row.Node = pod.Spec.NodeName
	}
	require.NoError(b.t, b.store.Write(func(tx *store.Tx) error {
		return tx.Put(row, store.AnyRevision, store.Origin{})
	}))
	b.deliver(gr, before, o)
}

func (b *testBench) remove(o reconcile.Object) {
	gr := resourceOf(o)
	before := b.get(gr, o)
	require.NotNil(b.t, before)
	require.NoError(b.t, b.store.Write(func(tx *store.Tx) error {
		return tx.Delete(gr, o.GetNamespace(), o.GetName(), store.AnyRevision, store.Origin{})
	}))
	b.deliver(gr, before, nil)
}

// deliver wakes the kubelet for a change, in the next tick.
func (b *testBench) deliver(gr schema.GroupResource, before, after reconcile.Object) {
	for _, w := range b.kubelet.Watches {
		if w.Resource != gr || w.When != nil && !w.When(before, after) {
			continue
		}
		for _, o := range []reconcile.Object{before, after} {
			if o == nil || w.Node(o) != benchNode {
				continue
			}
			keys := []reconcile.Key{reconcile.KeyOf(o)}
			if w.Keys != nil {
				keys = w.Keys(b.view(), o)
			}
			for _, k := range keys {
				b.wake(k, b.now, false)
			}
		}
	}
}

// deletePod is what the API does when a user deletes a Pod.
func (b *testBench) deletePod(name string, force bool, graceSeconds *int64) {
	old, ok := reconcile.Pods.Get(b.view(), reconcile.Key{Namespace: "default", Name: name})
	require.True(b.t, ok, "no pod %s", name)
	if force {
		b.remove(old)
		return
	}
	pod := old.DeepCopy()
	grace := ptr.Deref(graceSeconds, ptr.Deref(pod.Spec.TerminationGracePeriodSeconds, 30))
	pod.DeletionGracePeriodSeconds = &grace
	pod.DeletionTimestamp = ptr.To(metav1.NewTime(b.now.Add(time.Duration(grace) * time.Second)))
	b.put(pod)
}

// add stores YAML documents.
func (b *testBench) add(documents string) error {
	scheme := runtime.NewScheme()
	for _, install := range []func(*runtime.Scheme) error{corev1.AddToScheme, coordinationv1.AddToScheme} {
		if err := install(scheme); err != nil {
			return err
		}
	}
	scheme.AddKnownTypes(nodelocal.GroupVersion, &nodelocal.Machine{}, &nodelocal.Sandbox{})
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	reader := yaml.NewYAMLReader(bufio.NewReader(strings.NewReader(documents)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		decoded, _, err := decoder.Decode(document, nil, nil)
		if err != nil {
			return err
		}
		o := decoded.(reconcile.Object)
		o.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{})
		b.admit(o)
		b.put(o)
	}
}

func resourceOf(o reconcile.Object) schema.GroupResource {
	switch o.(type) {
	case *corev1.Pod:
		return reconcile.Pods.GroupResource
	case *corev1.Node:
		return reconcile.Nodes.GroupResource
	case *corev1.Secret:
		return reconcile.Secrets.GroupResource
	case *corev1.ConfigMap:
		return reconcile.ConfigMaps.GroupResource
	case *coordinationv1.Lease:
		return reconcile.Leases.GroupResource
	case *nodelocal.Machine:
		return reconcile.Machines.GroupResource
	case *nodelocal.Sandbox:
		return reconcile.Sandboxes.GroupResource
	}
	panic(fmt.Sprintf("no resource for %T", o))
}

func kindOf(o reconcile.Object) string {
	name := fmt.Sprintf("%T", o)
	return name[strings.LastIndexByte(name, '.')+1:]
}

// describeStatus shows a Pod's status in short.
func describeStatus(w io.Writer, pod *corev1.Pod) {
	s := &pod.Status
	fmt.Fprintf(w, "    %s %s%s", s.Phase, s.PodIP, prefixed(" ", s.Reason))
	for _, c := range s.Conditions {
		fmt.Fprintf(w, " %s=%s%s", c.Type, c.Status, prefixed("/", c.Reason))
	}
	fmt.Fprintln(w)
	for _, c := range slices.Concat(s.InitContainerStatuses, s.ContainerStatuses) {
		fmt.Fprintf(w, "    %s: %s", c.Name, describeState(c.State))
		if c.LastTerminationState.Terminated != nil {
			fmt.Fprintf(w, ", last %s", describeState(c.LastTerminationState))
		}
		fmt.Fprintf(w, ", restarts %d, started %t, ready %t\n", c.RestartCount, *c.Started, c.Ready)
	}
}

func describeState(s corev1.ContainerState) string {
	switch {
	case s.Running != nil:
		return "running since " + s.Running.StartedAt.Format(time.TimeOnly)
	case s.Terminated != nil:
		t := s.Terminated
		return fmt.Sprintf("terminated %d/%s %s-%s", t.ExitCode, t.Reason, t.StartedAt.Format(time.TimeOnly), t.FinishedAt.Format(time.TimeOnly))
	default:
		return "waiting " + s.Waiting.Reason + prefixed(": ", s.Waiting.Message)
	}
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}
