package scheduler

import (
	"fmt"
	"strconv"
)

// scoring is the Score phase. Its buffers are used again for each pod of a turn.
type scoring struct {
	plugins []weightedScorer
	scored  []bool    // whether the plugin was not skipped
	raw     [][]int64 // by plugin, then node
	scores  [][]int64 // normalized, by plugin, then node
	total   []int64   // weighted, by node
}

type weightedScorer struct {
	ScorePlugin
	weight int64
}

func newScoring(plugins []weightedScorer) *scoring {
	return &scoring{
		plugins: plugins,
		scored:  make([]bool, len(plugins)),
		raw:     make([][]int64, len(plugins)),
		scores:  make([][]int64, len(plugins)),
	}
}

// run scores the feasible nodes with every plugin and adds the weighted scores
// up. Raw scores are kept only if asked for.
func (s *scoring) run(pod *PodInfo, snap *Snapshot, feasible []*NodeInfo, keepRaw bool) error {
	s.total = resized(s.total, len(feasible))
	clear(s.total)
	for p, plugin := range s.plugins {
		score, err := plugin.PreScore(pod, snap, feasible)
		if err != nil {
			return fmt.Errorf("running PreScore plugin %q: %w", plugin.Name(), err)
		}
		s.scored[p] = score != nil
		if score == nil {
			continue
		}
		scores := resized(s.scores[p], len(feasible))
		s.scores[p] = scores
		for i, n := range feasible {
			scores[i] = score(n)
		}
		if keepRaw {
			s.raw[p] = append(s.raw[p][:0], scores...)
		}
		if n, ok := plugin.ScorePlugin.(ScoreNormalizer); ok {
			n.NormalizeScore(scores)
		}
		for i := range scores {
			s.total[i] += scores[i] * plugin.weight
		}
	}
	return nil
}

func resized(buffer []int64, n int) []int64 {
	if cap(buffer) < n {
		return make([]int64, n)
	}
	return buffer[:n]
}

// selectHost picks the node with the highest total. It returns its index, and
// how many nodes have the same total.
//
// Upstream: pkg/scheduler/framework (NewSortedScoredNodes) picks one of several best nodes at random, here it is the one with the fewest pods, then the first by name.
func (s *scoring) selectHost(feasible []*NodeInfo) (best, tied int) {
	for i := range feasible {
		switch {
		case i == 0 || s.total[i] > s.total[best]:
			best, tied = i, 1
		case s.total[i] == s.total[best]:
			tied++
			if emptier(feasible[i], feasible[best]) {
				best = i
			}
		}
	}
	return best, tied
}

func emptier(a, b *NodeInfo) bool {
	if a.Pods != b.Pods {
		return a.Pods < b.Pods
	}
	return a.index < b.index
}

// why is the reason for a choice, for people.
func (s *scoring) why(feasible []*NodeInfo, best, tied int) string {
	line := make([]byte, 0, 160)
	line = append(line, "best of "...)
	line = strconv.AppendInt(line, int64(len(feasible)), 10)
	line = append(line, " feasible nodes: score "...)
	line = strconv.AppendInt(line, s.total[best], 10)
	separator := " ("
	for p, plugin := range s.plugins {
		if !s.scored[p] || s.scores[p][best] == 0 {
			continue
		}
		line = append(line, separator...)
		line = append(line, plugin.Name()...)
		line = append(line, ' ')
		line = strconv.AppendInt(line, s.scores[p][best]*plugin.weight, 10)
		separator = ", "
	}
	if separator == ", " {
		line = append(line, ')')
	}
	if tied > 1 {
		line = append(line, ", equal to "...)
		line = strconv.AppendInt(line, int64(tied-1), 10)
		line = append(line, " more: fewest pods wins, then the name"...)
	}
	return string(line)
}
