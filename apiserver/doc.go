// Package apiserver is the one door: every read and write of API objects,
// whoever makes it, goes through Server.Do.
//
// It models kube-apiserver's generic registry and admission: defaulting,
// admission, validation, optimistic concurrency, finalizers, graceful
// deletion, patches, server-side apply, subresources, selectors, dry-run. Errors
// are the *apierrors.StatusError that a real API server would answer with.
//
// It leaves out HTTP and encodings (see apiserver/wire) and what is special
// about a kind (see kinds).
//
// Read next: do.go, then create.go, update.go, delete.go in the order in
// which an object lives.
package apiserver
