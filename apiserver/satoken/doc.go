// Package satoken makes and reads the tokens by which Pods prove to be their
// service account: JSON Web Tokens, signed with a key of the cluster, bound to
// an object and good for a while.
//
// It models upstream's pkg/serviceaccount. A world's key is computed from its
// seed and signatures are those of RFC 6979, so that the same request gives
// the same token in every replay: these tokens prove nothing to anybody who
// knows the seed, and a simulated cluster has nothing to protect. It leaves out
// external signers, and tokens bound to webhook configurations.
//
// Read next: claims.go for what a token says, then issue.go and verify.go, and
// kept.go for the tokens without an end that are kept in Secrets.
package satoken
