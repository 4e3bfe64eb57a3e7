// Package archtest holds the architecture: its tests fail when an import goes
// up, when the deterministic core asks for the time or for chance, or when the
// order of a map can show.
//
// It models nothing of Kubernetes. It leaves out what a compiler, go vet and
// staticcheck say already, and it is no proof: what it cannot see is said
// where it looks.
//
// Read next: layers_test.go for the picture of the packages, bans_test.go and
// order_test.go for the rules of the core; then docs/ARCHITECTURE.md.
package archtest
