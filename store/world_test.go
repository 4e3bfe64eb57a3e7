package store_test

import (
	"iter"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/store"
)

var (
	pods  = schema.GroupResource{Resource: "pods"}
	podsx = schema.GroupResource{Resource: "podsx"}
	nodes = schema.GroupResource{Resource: "nodes"}
)

// pod is an object in the shape that the tests need; its value can be anything.
func pod(namespace, name string, value any) *store.Object {
	return &store.Object{Resource: pods, Namespace: namespace, Name: name, Value: value}
}

// write puts an object that must be accepted.
func write(t testing.TB, s *store.Store, o *store.Object, expected int64) *store.Object {
	t.Helper()
	if err := try(s, o, expected); err != nil {
		t.Fatal(err)
	}
	return o
}

func try(s *store.Store, o *store.Object, expected int64) error {
	return s.Write(func(tx *store.Tx) error { return tx.Put(o, expected, store.Origin{}) })
}

// remove deletes a pod that must be there.
func remove(t testing.TB, s *store.Store, namespace, name string) {
	t.Helper()
	require.NoError(t, tryRemove(s, namespace, name, store.AnyRevision))
}

func tryRemove(s *store.Store, namespace, name string, expected int64) error {
	return s.Write(func(tx *store.Tx) error { return tx.Delete(pods, namespace, name, expected, store.Origin{}) })
}

func putRow(t testing.TB, s *store.Store, set, name string, value any) {
	t.Helper()
	require.NoError(t, s.Write(func(tx *store.Tx) error {
		tx.PutRow(set, name, value)
		return nil
	}))
}

// names are "namespace/name" of what a range gives, in its order.
func names(objects iter.Seq[*store.Object]) []string {
	found := []string{}
	for o := range objects {
		found = append(found, o.Namespace+"/"+o.Name)
	}
	return found
}

// revisions are those of what a range of changes gives, in its order.
func revisions(t testing.TB, changes iter.Seq[*store.Change], err error) []int64 {
	t.Helper()
	require.NoError(t, err)
	found := []int64{}
	for c := range changes {
		found = append(found, c.Revision)
	}
	return found
}
