// Package auth says who asks, and what for, in the words that authenticators,
// authorisers and the door have in common.
//
// It models user.Info and authorizer.Attributes of k8s.io/apiserver as plain
// values, and the error for what may not be done. It leaves out how a user
// proves who they are (see apiserver/wire) and who may do what.
//
// Read next: apiserver/rbac, then apiserver/nodeauth.
package auth
