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
