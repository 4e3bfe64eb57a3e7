// Package wire serves the one door over HTTP, as kube-apiserver does: it
// turns HTTP requests into apiserver.Requests and the answers into bytes.
//
// It models what clients see of upstream's generic API server: paths and
// verbs, discovery (legacy and aggregated), OpenAPI v2 and v3, content
// negotiation (JSON, YAML, protobuf), Tables and PartialObjectMetadata, the
// query options, strict decoding, watch streams with bookmarks, a
// metav1.Status for every error, TLS, client certificates, bearer tokens,
// impersonation, metrics, health checks and the audit log.
//
// It leaves out API priority and fairness, and CBOR. What a request does is
// apiserver's business, what is special about a kind is in kinds, and what answers
// a command or a proxied request is behind Node; none of them knows of HTTP.
//
// This package is an edge: unlike the core it may use goroutines, channels
// and the wall clock. A watch never blocks the world, because it reads the
// store's change log from a position of its own.
//
// Read next: handler.go for the way of a request, endpoint.go for what is
// served, then read.go, write.go and watch.go.
package wire
