// Package policy has the admission plugins MutatingAdmissionPolicy and
// ValidatingAdmissionPolicy: rules in CEL, which are objects of the cluster,
// that change or refuse what is written.
//
// It models which policies are about a request, through which bindings and
// with which parameters, what a failure means, and how a refusal reads.
// Expressions are compiled and evaluated by upstream's own code.
//
// It leaves out policies that are configured by files, metrics and audit
// annotations (an annotation that cannot be worked out refuses the request
// nevertheless).
//
// Read next: bindings.go, validating.go, mutating.go.
package policy
