// Package webhook has the admission plugins MutatingAdmissionWebhook and
// ValidatingAdmissionWebhook: programs outside of the cluster that change or
// refuse what is written.
//
// It models upstream's dispatchers: whom to ask and in which order, what is
// sent, what an answer means, what a failure means, and the second round for
// webhooks that others have overtaken. Reviews, their verification and the
// match conditions are upstream's own code. Nothing here makes a call: a
// webhook is a question (see apiserver/outside), and its answer comes with the
// request.
//
// It leaves out webhooks that are configured by files, and metrics.
//
// Read next: mutating.go, call.go.
package webhook
