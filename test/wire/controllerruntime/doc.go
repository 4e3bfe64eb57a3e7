// Package controllerruntime holds controller-runtime's client, cache and
// manager against the simulator, as an operator uses them: with the built
// binary in place of a cluster, and with a cluster in the test's own process
// in place of envtest.
package controllerruntime
