package apiserver

import (
	"slices"
	"sync/atomic"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

// registrations keeps what a world has registered for admission (webhooks,
// policies and their bindings), so that a world without any pays nothing. It
// is read again when the change log has news of it.
type registrations struct {
	kept atomic.Pointer[keptRegistrations]
}

// keptRegistrations are those of the world from when they were read until
// valid, by resource, in key order. Most worlds have none.
type keptRegistrations struct {
	objects map[schema.GroupResource][]kinds.Object
	valid   atomic.Int64
}

func isRegistration(c *store.Change) bool {
	return c.Object().Resource.Group == admissionregistrationv1.GroupName
}

func (r *registrations) current(st *store.Store) *keptRegistrations {
	k := r.kept.Load()
	if k == nil || !k.holdsIn(st) {
		k = readRegistrations(st.Snapshot())
		r.kept.Store(k)
	}
	return k
}

// holdsIn says whether nothing was registered, changed or removed since.
func (k *keptRegistrations) holdsIn(st *store.Store) bool {
	valid := k.valid.Load()
	changes, err := st.ChangesAfter(valid)
	if err != nil || slices.ContainsFunc(changes, isRegistration) {
		return false
	}
	if len(changes) > 0 {
		k.valid.CompareAndSwap(valid, changes[len(changes)-1].Revision)
	}
	return true
}

func readRegistrations(snapshot *store.Snapshot) *keptRegistrations {
	k := &keptRegistrations{}
	k.valid.Store(snapshot.Revision())
	for _, gr := range [...]schema.GroupResource{
		mutatingWebhooks, validatingWebhooks,
		mutatingPolicies, mutatingPolicyBindings, validatingPolicies, validatingPolicyBindings,
	} {
		for o := range snapshot.List(gr, "") {
			if k.objects == nil {
				k.objects = map[schema.GroupResource][]kinds.Object{}
			}
			k.objects[gr] = append(k.objects[gr], o.Value.(kinds.Object))
		}
	}
	return k
}

// asksOutside says whether writes in this world may have to ask a webhook.
func (s *Server) asksOutside() bool {
	objects := s.registrations.current(s.Store).objects
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
