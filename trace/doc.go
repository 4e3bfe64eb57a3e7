// Package trace is the story of a run, as data and as text: which component
// had its turn, what woke it, what it saw, what it wanted and why, and what
// came of it.
//
// Real control planes have no such record; the nearest are audit logs and
// controllers' own log lines.
//
// Read next: turn.go for the data, render.go for how a learner sees it,
// diff.go for what changed between two objects.
package trace
