// Package rbac decides by roles and bindings who may do what, and has the
// roles and bindings that every cluster begins with.
//
// It models upstream's RBAC authoriser and its bootstrap policy. The policy is
// a pure function of the world's Roles, ClusterRoles, RoleBindings and
// ClusterRoleBindings: Compile arranges them by subject, so that a request is
// looked up and not searched for. Which rule matches which request, and what
// the bootstrap policy says, is upstream's own code.
//
// It leaves out keeping a policy up to date, which is the door's: see
// apiserver/authorize.go. Read next: policy.go, then subject.go.
package rbac
