// Package custom makes kinds of CustomResourceDefinitions, so that the rest
// of the simulator treats custom resources as it treats any other.
//
// It models upstream's k8s.io/apiextensions-apiserver: structural schemas,
// pruning, defaults, validation by schema and by CEL rules with ratcheting,
// the status and scale subresources, printer columns, several versions with
// conversion between them, selectable fields, OpenAPI. The rules are
// upstream's own packages, called; what is written here is when they are
// called, and on what.
//
// Which kinds there are is up to the definitions of the world at hand: a World
// reads them from a snapshot each time it is asked, so forks and the past have
// their own. Only what compiling a definition gives is kept.
//
// It leaves out deciding whether a definition's names are accepted, and
// cleaning up after one: see controllers/customresource_naming.go and
// controllers/customresource_finalizer.go.
//
// Read next: world.go for how a kind is found, kind.go for what it consists
// of, strategy.go for its rules.
package custom
