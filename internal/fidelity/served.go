package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/reconcile"
)

// row is one served kind: what it is called and what becomes of its objects.
type row struct {
	resource, versions, actors string
}

// rowsOf lists the kinds that clients can ask for.
func rowsOf(all []*kinds.Kind, components []reconcile.Component) []row {
	var rows []row
	for _, k := range all {
		if !k.Internal {
			rows = append(rows, row{k.GroupResource().String(), versionsOf(k), actorsOf(k, components)})
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return strings.Compare(groupOf(a.resource), groupOf(b.resource)) })
	return rows
}

func groupOf(resource string) string {
	_, group, _ := strings.Cut(resource, ".")
	return group
}

func versionsOf(k *kinds.Kind) string {
	versions := append([]string{k.Version}, k.Versions...)
	for _, gv := range k.Aliases {
		versions = append(versions, gv.String())
	}
	return strings.Join(versions, ", ")
}

// manyKinds is more than a component watches that is about anything in
// particular: the garbage collector and the namespace controller watch all.
const manyKinds = 20

// actorsOf names the components that a change of such an object wakes.
func actorsOf(k *kinds.Kind, components []reconcile.Component) string {
	if len(k.Computed) > 0 {
		return "computed when asked for"
	}
	var names []string
	for _, c := range components {
		watches := func(w reconcile.Watch) bool { return w.Resource == k.GroupResource() }
		if len(c.Watches) < manyKinds && slices.ContainsFunc(c.Watches, watches) {
			names = append(names, c.Name)
		}
	}
	if len(names) == 0 {
		return "no component: stored and validated"
	}
	return strings.Join(names, ", ")
}

// table is the rows in Markdown.
func table(rows []row) string {
	var b strings.Builder
	b.WriteString("| Resource | Versions | Whom its changes wake |\n|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r.resource, r.versions, r.actors)
	}
	return b.String()
}
