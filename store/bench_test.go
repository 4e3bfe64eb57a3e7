package store_test

import (
	"fmt"
	"testing"

	"github.com/minik8s/minik8s/store"
)

// filled returns a world with n pods on n/100 nodes, each pod with an owner
// that it shares with 99 others.
func filled(b *testing.B, n int) *store.Store {
	b.Helper()
	s := store.New()
	for i := range n {
		write(b, s, benchPod(i, n), 0)
	}
	return s
}

func benchPod(i, n int) *store.Object {
	o := pod("default", fmt.Sprintf("web-%08x", i*2654435761%(1<<32)), i)
	o.Owners = []string{fmt.Sprintf("uid-%d", i/100)}
	o.Node = fmt.Sprintf("node-%d", i%max(n/100, 1))
	return o
}

// BenchmarkPut creates pods: 10,000 are there already.
func BenchmarkPut(b *testing.B) {
	s := filled(b, 10_000)
	b.ReportAllocs()
	for i := 10_000; b.Loop(); i++ {
		write(b, s, benchPod(i, 10_000), 0)
	}
}

// BenchmarkUpdate overwrites one of 10,000 pods, each time another.
func BenchmarkUpdate(b *testing.B) {
	s := filled(b, 10_000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		write(b, s, benchPod(i%10_000, 10_000), store.AnyRevision)
	}
}

// BenchmarkPutRow is what the engine pays for a timer or a cursor.
func BenchmarkPutRow(b *testing.B) {
	s := filled(b, 10_000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := s.Write(func(tx *store.Tx) error {
			tx.PutRow("work", fmt.Sprint("key-", i%1000), i)
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
}

// The following must cost the same whatever the size of the world.

func sizes(b *testing.B, run func(b *testing.B, s *store.Store)) {
	for _, n := range []int{100, 100_000} {
		b.Run(fmt.Sprint("objects=", n), func(b *testing.B) {
			s := filled(b, n)
			b.ReportAllocs()
			run(b, s)
		})
	}
}

func BenchmarkSnapshot(b *testing.B) {
	sizes(b, func(b *testing.B, s *store.Store) {
		for b.Loop() {
			s.Snapshot()
		}
	})
}

func BenchmarkFork(b *testing.B) {
	sizes(b, func(b *testing.B, s *store.Store) {
		for b.Loop() {
			s.Fork()
		}
	})
}

func BenchmarkAt(b *testing.B) {
	sizes(b, func(b *testing.B, s *store.Store) {
		middle := s.Revision() / 2
		for b.Loop() {
			if _, err := s.At(middle); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkGet(b *testing.B) {
	sizes(b, func(b *testing.B, s *store.Store) {
		name := benchPod(50, 100).Name
		for snapshot := s.Snapshot(); b.Loop(); {
			if snapshot.Get(pods, "default", name) == nil {
				b.Fatal("no such pod")
			}
		}
	})
}

// BenchmarkChanges reads the newest hundred changes.
func BenchmarkChanges(b *testing.B) {
	sizes(b, func(b *testing.B, s *store.Store) {
		for snapshot := s.Snapshot(); b.Loop(); {
			changes, err := snapshot.Changes(snapshot.Revision() - 100)
			if err != nil {
				b.Fatal(err)
			}
			n := 0
			for range changes {
				n++
			}
			if n != 100 {
				b.Fatal(n)
			}
		}
	})
}

// BenchmarkListOwned reads the hundred pods of one owner.
func BenchmarkListOwned(b *testing.B) {
	sizes(b, func(b *testing.B, s *store.Store) {
		for snapshot := s.Snapshot(); b.Loop(); {
			n := 0
			for range snapshot.ListOwned("uid-0") {
				n++
			}
			if n != 100 {
				b.Fatal(n)
			}
		}
	})
}
