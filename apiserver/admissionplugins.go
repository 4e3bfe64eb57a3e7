package apiserver

import (
	"github.com/minik8s/minik8s/apiserver/admission"
	"github.com/minik8s/minik8s/apiserver/admission/policy"
	"github.com/minik8s/minik8s/apiserver/admission/webhook"
)

// allPlugins are the admission plugins of a door that leaves none out.
func allPlugins() admission.Chain {
	return admission.Plugins(policy.Mutating(), webhook.Mutating(), policy.Validating(), webhook.Validating())
}

// AdmissionPlugins are the names of all admission plugins, in the order in
// which they are asked.
func AdmissionPlugins() []string {
	var names []string
	for _, p := range allPlugins() {
		names = append(names, p.Name)
	}
	return names
}
