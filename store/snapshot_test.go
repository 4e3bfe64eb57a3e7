package store_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/store"
)

// neighbours is a world of names that are prefixes of each other.
func neighbours(t testing.TB) *store.Snapshot {
	s := store.New()
	metrics := schema.GroupResource{Group: "metrics.k8s.io", Resource: "pods"}
	for _, o := range []*store.Object{
		{Resource: podsx, Namespace: "a", Name: "x"},
		{Resource: pods, Namespace: "ab", Name: "x"},
		{Resource: metrics, Namespace: "a", Name: "x"},
		{Resource: pods, Namespace: "a", Name: "xy"},
		{Resource: pods, Namespace: "b", Name: "a"},
		{Resource: pods, Namespace: "a", Name: "x"},
		{Resource: nodes, Name: "node-10"},
		{Resource: nodes, Name: "node-1"},
		{Resource: pods, Namespace: "a", Name: "w"},
	} {
		write(t, s, o, 0)
	}
	return s.Snapshot()
}

func TestGetWantsTheWholeKey(t *testing.T) {
	s := neighbours(t)
	require.Equal(t, "x", s.Get(pods, "a", "x").Name)
	require.Nil(t, s.Get(pods, "a", "wx"))
	require.Nil(t, s.Get(pods, "a", ""))
	require.Nil(t, s.Get(pods, "", "x"))
	require.Nil(t, s.Get(schema.GroupResource{Resource: "pod"}, "a", "x"))
	require.Equal(t, "node-1", s.Get(nodes, "", "node-1").Name)
}

func TestListIsInKeyOrderAndWithinItsPrefix(t *testing.T) {
	s := neighbours(t)
	require.Equal(t, []string{"a/w", "a/x", "a/xy", "ab/x", "b/a"}, names(s.List(pods, "")))
	require.Equal(t, []string{"a/w", "a/x", "a/xy"}, names(s.List(pods, "a")))
	require.Equal(t, []string{"ab/x"}, names(s.List(pods, "ab")))
	require.Equal(t, []string{"a/x"}, names(s.List(podsx, "")))
	require.Equal(t, []string{"/node-1", "/node-10"}, names(s.List(nodes, "")))
	require.Empty(t, names(s.List(pods, "c")))
	require.Empty(t, names(s.List(schema.GroupResource{Resource: "po"}, "")))
}

func TestListEndsWhenTheReaderDoes(t *testing.T) {
	s := neighbours(t)
	seen := 0
	for range s.List(pods, "") {
		if seen++; seen == 2 {
			break
		}
	}
	require.Equal(t, 2, seen)
}

func TestListFrom(t *testing.T) {
	tests := []struct {
		within, namespace, name string
		want                    []string
	}{
		{"", "a", "x", []string{"a/xy", "ab/x", "b/a"}},
		{"a", "a", "x", []string{"a/xy"}},
		{"", "a", "xx", []string{"a/xy", "ab/x", "b/a"}}, // the last one seen is gone
		{"", "", "", []string{"a/w", "a/x", "a/xy", "ab/x", "b/a"}},
		{"ab", "", "", []string{"ab/x"}},
		{"ab", "a", "xy", []string{"ab/x"}}, // starts before the namespace
		{"a", "b", "a", []string{}},         // starts behind it
		{"", "b", "a", []string{}},
		{"", "zz", "z", []string{}}, // podsx comes next, and is no pod
	}
	s := neighbours(t)
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%q from %s/%s", tt.within, tt.namespace, tt.name), func(t *testing.T) {
			require.Equal(t, tt.want, names(s.ListFrom(pods, tt.within, tt.namespace, tt.name)))
		})
	}
	require.Equal(t, []string{"/node-10"}, names(s.ListFrom(nodes, "", "", "node-1")))
}

func TestOwnerIndexFollowsTheObject(t *testing.T) {
	s := store.New()
	put := func(name string, owners ...string) {
		o := pod("a", name, nil)
		o.Owners = owners
		write(t, s, o, store.AnyRevision)
	}
	owned := func(uid string) []string { return names(s.Snapshot().ListOwned(uid)) }

	put("y", "uid-1")
	put("x", "uid-1", "uid-2")
	put("z", "uid-11")
	put("orphan")
	write(t, s, &store.Object{Resource: nodes, Name: "n", Owners: []string{"uid-1"}}, 0)
	require.Equal(t, []string{"/n", "a/x", "a/y"}, owned("uid-1"), "all kinds, in key order")
	require.Equal(t, []string{"a/x"}, owned("uid-2"))
	require.Empty(t, owned("uid"))

	put("x", "uid-2", "uid-3", "uid-3")
	require.Equal(t, []string{"/n", "a/y"}, owned("uid-1"), "x is released")
	require.Equal(t, []string{"a/x"}, owned("uid-2"))
	require.Equal(t, []string{"a/x"}, owned("uid-3"), "an owner that is named twice counts once")

	newest := pod("a", "x", "newest")
	newest.Owners = []string{"uid-2", "uid-3", "uid-3"}
	write(t, s, newest, store.AnyRevision)
	for o := range s.Snapshot().ListOwned("uid-2") {
		require.Equal(t, "newest", o.Value, "the index leads to the current state")
	}

	remove(t, s, "a", "x")
	require.Empty(t, owned("uid-2"))
	require.Empty(t, owned("uid-3"))
}

func TestNodeIndexFollowsTheObject(t *testing.T) {
	s := store.New()
	bind := func(name, node string) {
		o := pod("a", name, nil)
		o.Node = node
		write(t, s, o, store.AnyRevision)
	}
	on := func(node string) []string { return names(s.Snapshot().ListOnNode(node)) }

	bind("x", "")
	require.Empty(t, on(""), "a pod without a node is on none")
	bind("x", "node-1")
	bind("y", "node-10")
	require.Equal(t, []string{"a/x"}, on("node-1"))
	require.Equal(t, []string{"a/y"}, on("node-10"))
	bind("x", "node-10")
	require.Empty(t, on("node-1"))
	require.Equal(t, []string{"a/x", "a/y"}, on("node-10"))
	remove(t, s, "a", "x")
	require.Equal(t, []string{"a/y"}, on("node-10"))
}

func TestRows(t *testing.T) {
	s := store.New()
	for _, name := range []string{"b/2", "a", "b/1", "", "b"} {
		putRow(t, s, "work", name, "work "+name)
	}
	putRow(t, s, "work2", "b/3", "elsewhere")
	putRow(t, s, "work", "b/1", "newer")

	rows := func(prefix string) (found []string) {
		for name, v := range s.Snapshot().Rows("work", prefix) {
			found = append(found, fmt.Sprintf("%s=%v", name, v))
		}
		return found
	}
	require.Equal(t, []string{"=work ", "a=work a", "b=work b", "b/1=newer", "b/2=work b/2"}, rows(""))
	require.Equal(t, []string{"b/1=newer", "b/2=work b/2"}, rows("b/"))
	require.Empty(t, rows("c"))
	require.Equal(t, "newer", s.Snapshot().Row("work", "b/1"))
	require.Nil(t, s.Snapshot().Row("work", "b/"))

	var from []string
	for name := range s.Snapshot().RowsFrom("work", "b/1") {
		from = append(from, name)
	}
	require.Equal(t, []string{"b/1", "b/2"}, from)

	require.NoError(t, s.Write(func(tx *store.Tx) error {
		tx.DeleteRow("work", "b/1")
		tx.DeleteRow("work", "never there")
		require.Nil(t, tx.Row("work", "b/1"), "a transaction reads what it has written")
		var names []string
		for name := range tx.Rows("work", "b") {
			names = append(names, name)
		}
		require.Equal(t, []string{"b", "b/2"}, names)
		return nil
	}))
	require.Nil(t, s.Snapshot().Row("work", "b/1"))
}

func TestSnapshotStaysAsItIs(t *testing.T) {
	s := store.New()
	write(t, s, pod("a", "x", "before"), 0)
	putRow(t, s, "timers", "x", "before")
	snapshot := s.Snapshot()

	write(t, s, pod("a", "x", "after"), 1)
	write(t, s, pod("a", "y", "after"), 0)
	putRow(t, s, "timers", "x", "after")

	require.EqualValues(t, 1, snapshot.Revision())
	require.Equal(t, []string{"a/x"}, names(snapshot.List(pods, "")))
	require.Equal(t, "before", snapshot.Get(pods, "a", "x").Value)
	require.Equal(t, "before", snapshot.Row("timers", "x"))
	changes, err := snapshot.Changes(0)
	require.Equal(t, []int64{1}, revisions(t, changes, err))
}
