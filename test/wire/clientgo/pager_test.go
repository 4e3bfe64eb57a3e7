package clientgo

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/pager"
)

// TestPager reads pages of one state, whatever is written meanwhile.
func TestPager(t *testing.T) {
	client, ns := client(t)
	secrets := client.CoreV1().Secrets(ns)
	create := func(name string) {
		_, err := secrets.Create(t.Context(), &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
		require.NoError(t, err)
	}
	var want []string
	for i := range 25 {
		want = append(want, fmt.Sprintf("s%02d", i))
		create(want[i])
	}

	pages := 0
	p := pager.New(func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
		list, err := secrets.List(ctx, o)
		if pages++; pages == 1 && err == nil {
			require.EqualValues(t, 15, *list.RemainingItemCount)
		}
		create(fmt.Sprintf("late%d", pages))
		return list, err
	})
	p.PageSize = 10
	listed, paginated, err := p.List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.True(t, paginated)
	require.Equal(t, 3, pages)

	var got []string
	require.NoError(t, meta.EachListItem(listed, func(o runtime.Object) error {
		got = append(got, o.(metav1.Object).GetName())
		return nil
	}))
	require.Equal(t, want, got)
}
