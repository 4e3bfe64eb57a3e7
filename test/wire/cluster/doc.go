// Package cluster starts a simulated cluster for a package's tests: the built
// minik8s binary, in a process of its own, reached through a kubeconfig. It
// leaves out whatever a test of a real cluster would not have either, such as
// control of the clock.
package cluster
