package decisiontest

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/trace"
)

func newReader(s string) *bufio.Reader { return bufio.NewReader(strings.NewReader(s)) }

func nodeOf(o reconcile.Object) string {
	if pod, ok := o.(*corev1.Pod); ok {
		return pod.Spec.NodeName
	}
	return ""
}

func (w *world) print(v reconcile.View, p reconcile.Plan, err error, brief bool) string {
	var b strings.Builder
	for _, line := range p.Saw {
		fmt.Fprintf(&b, "saw %s\n", line)
	}
	for _, c := range p.Calls {
		printCall(&b, v, c, brief)
	}
	if p.After > 0 {
		kind := ""
		if p.Background {
			kind = " (heartbeat)"
		}
		fmt.Fprintf(&b, "requeue in %s%s: %s\n", p.After, kind, p.AfterWhy)
	}
	if err != nil {
		fmt.Fprintf(&b, "error: %v\n", err)
	}
	if b.Len() == 0 {
		return "nothing to do\n"
	}
	return b.String()
}

func printCall(w io.Writer, v reconcile.View, c reconcile.Call, brief bool) {
	gr := resourceFor(c.Object)
	name := reconcile.KeyOf(c.Object).String()
	if c.Object.GetName() == "" {
		name += c.Object.GetGenerateName() + "*"
	}
	switch c.Verb {
	case reconcile.Event:
		if c.Part != "" {
			name += " " + c.Part
		}
		fmt.Fprintf(w, "event %s %s on %s %s: %s\n", c.EventType, c.EventReason, gr, name, c.Message)
		return
	case reconcile.Bind:
		fmt.Fprintf(w, "bind %s %s to %s: %s\n", gr, name, c.Node, c.Why)
		return
	case reconcile.Delete:
		fmt.Fprintf(w, "delete %s %s%s: %s\n", gr, name, deleteOptions(c), c.Why)
		return
	}
	fmt.Fprintf(w, "%s %s %s: %s\n", c.Verb, gr, name, c.Why)
	if brief {
		return
	}
	if len(c.Patch) > 0 {
		fmt.Fprintf(w, "  %s %s\n", c.PatchType, c.Patch)
		return
	}
	var before runtime.Object
	if old, ok := v.Get(gr, reconcile.KeyOf(c.Object)); ok && c.Verb != reconcile.Create {
		before = old
	}
	for _, line := range trace.Diff(before, c.Object) {
		fmt.Fprintf(w, "  %s\n", line)
	}
}

func deleteOptions(c reconcile.Call) string {
	var s string
	if g := c.Options.GracePeriodSeconds; g != nil {
		s += fmt.Sprintf(" grace=%ds", *g)
	}
	if p := c.Options.PropagationPolicy; p != nil {
		s += fmt.Sprintf(" propagation=%s", *p)
	}
	return s
}

func resourceFor(o reconcile.Object) schema.GroupResource {
	if u, ok := o.(*unstructured.Unstructured); ok {
		return resourceOf(u.GroupVersionKind())
	}
	kinds, _, err := scheme().ObjectKinds(o)
	if err != nil || len(kinds) == 0 {
		return schema.GroupResource{Resource: fmt.Sprintf("%T", o)}
	}
	return resourceOf(kinds[0])
}
