package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/minik8s/minik8s/store"
)

type labelled struct{ Labels map[string]string }

func TestVerifyImmutable(t *testing.T) {
	changeInPlace := map[string]func(*store.Object){
		"value":  func(o *store.Object) { o.Value.(*labelled).Labels["app"] = "changed" },
		"owners": func(o *store.Object) { o.Owners[0] = "changed" },
		"stored a second time": func(o *store.Object) {
			o.Version++
			o.ModRevision++
		},
	}
	for name, change := range changeInPlace {
		t.Run(name, func(t *testing.T) {
			s := store.New()
			s.CheckImmutable()
			o := pod("a", "x", &labelled{map[string]string{"app": "web"}})
			o.Owners = []string{"uid"}
			write(t, s, o, 0)
			write(t, s, pod("a", "x", &labelled{}), 1)
			remove(t, s, "a", "x")
			require.NoError(t, s.VerifyImmutable())

			change(o)
			require.ErrorContains(t, s.VerifyImmutable(), "pods a/x, stored at revision")
		})
	}
}

func TestVerifyImmutableSeesForks(t *testing.T) {
	s := store.New()
	s.CheckImmutable()
	fork := s.Fork()
	o := write(t, fork, pod("a", "x", &labelled{map[string]string{}}), 0)
	require.NoError(t, s.VerifyImmutable())
	o.Value.(*labelled).Labels["app"] = "changed"
	require.ErrorContains(t, s.VerifyImmutable(), "pods a/x, stored at revision 1, was changed in place")
}

func TestVerifyImmutableHasNothingToSayUnlessAskedBefore(t *testing.T) {
	s := store.New()
	o := write(t, s, pod("a", "x", &labelled{map[string]string{}}), 0)
	o.Value.(*labelled).Labels["app"] = "changed"
	require.NoError(t, s.VerifyImmutable())
}
