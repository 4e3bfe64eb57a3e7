package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGrowth(t *testing.T) {
	const MB = 1 << 20
	for _, tt := range []struct {
		inUse uint64
		want  int
	}{
		{0, mostGrowth}, {10 * MB, mostGrowth}, {26 * MB, 100}, {40 * MB, 30}, {48 * MB, leastGrowth}, {51 * MB, leastGrowth}, {52 * MB, largeGrowth}, {1000 * MB, largeGrowth},
	} {
		require.Equal(t, tt.want, growth(tt.inUse), "%d MB", tt.inUse/MB)
	}
}

func TestProcessors(t *testing.T) {
	for _, tt := range []struct {
		inUse     uint64
		all, want int
	}{{0, 1, 1}, {0, 2, 1}, {hugeHeap - 1, 3, 1}, {0, 8, 4}, {hugeHeap, 1, 1}, {hugeHeap, 8, 8}} {
		require.Equal(t, tt.want, processors(tt.inUse, tt.all), "%d of %d", tt.inUse, tt.all)
	}
}
