package apiserver

import (
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

// registrations are what a world has registered for admission (webhooks,
// policies and their bindings), by resource, in key order. Most worlds have
// none, and pay nothing.
type registrations map[schema.GroupResource][]kinds.Object

func isRegistration(c *store.Change) bool {
	return c.Object().Resource.Group == admissionregistrationv1.GroupName
}

func readRegistrations(from *store.Snapshot) registrations {
	var all registrations
	for _, gr := range [...]schema.GroupResource{
		mutatingWebhooks, validatingWebhooks,
		mutatingPolicies, mutatingPolicyBindings, validatingPolicies, validatingPolicyBindings,
	} {
		for o := range from.List(gr, "") {
			if all == nil {
				all = registrations{}
			}
			all[gr] = append(all[gr], o.Value.(kinds.Object))
		}
	}
	return all
}

// asksOutside says whether writes in this world may have to ask a webhook.
func (s *Server) asksOutside() bool {
	objects := s.registrations.of(s.Store)
	return len(objects[mutatingWebhooks]) > 0 || len(objects[validatingWebhooks]) > 0
}

// What can be registered.
var (
	mutatingWebhooks         = admissionRegistration("mutatingwebhookconfigurations")
	validatingWebhooks       = admissionRegistration("validatingwebhookconfigurations")
	mutatingPolicies         = admissionRegistration("mutatingadmissionpolicies")
	mutatingPolicyBindings   = admissionRegistration("mutatingadmissionpolicybindings")
	validatingPolicies       = admissionRegistration("validatingadmissionpolicies")
	validatingPolicyBindings = admissionRegistration("validatingadmissionpolicybindings")
)

func admissionRegistration(resource string) schema.GroupResource {
	return schema.GroupResource{Group: admissionregistrationv1.GroupName, Resource: resource}
}
