// Package match says which requests a webhook or a policy is about, and shows
// such a request to it in the version that it wants.
//
// It models the matching that webhooks and admission policies of
// kube-apiserver have in common: rules with their scopes, equivalent
// resources, namespace and object selectors. It turns the door's attributes
// into upstream's, so that upstream's matchers, compilers and reviews can be
// called.
//
// It leaves out match conditions, which are CEL: upstream's matcher evaluates
// them where a webhook or policy is asked.
//
// Read next: request.go, then apiserver/admission/webhook.
package match
