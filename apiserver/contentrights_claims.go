package apiserver

import (
	"fmt"
	"maps"
	"slices"

	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/authentication/serviceaccount"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/kinds"
)

var (
	resourceClaims         = schema.GroupResource{Group: resourcev1.GroupName, Resource: "resourceclaims"}
	resourceClaimTemplates = schema.GroupResource{Group: resourcev1.GroupName, Resource: "resourceclaimtemplates"}
)

// checkClaim: administrators' access to devices is for namespaces that are
// labelled for it, and the parts of a claim's status are for different writers.
//
// Upstream: pkg/registry/resource (AuthorizedForAdmin, AuthorizedForAdminStatus, AuthorizedForBinding, AuthorizedForDeviceStatus), complete.
func (c *call) checkClaim(obj, old kinds.Object, errs field.ErrorList) field.ErrorList {
	var found field.ErrorList
	switch o := obj.(type) {
	case *resourcev1.ResourceClaimTemplate:
		if old == nil {
			found = c.checkAdminRequests(o.Spec.Spec.Devices.Requests)
		}
	case *resourcev1.ResourceClaim:
		switch {
		case old == nil:
			found = c.checkAdminRequests(o.Spec.Devices.Requests)
		case c.req.Subresource == "status":
			found = c.checkClaimStatus(&o.Status, &old.(*resourcev1.ResourceClaim).Status)
		}
	}
	return append(found, errs...)
}

func (c *call) checkAdminRequests(requests []resourcev1.DeviceRequest) field.ErrorList {
	for i := range requests {
		if exactly := requests[i].Exactly; exactly != nil && ptr.Deref(exactly.AdminAccess, false) {
			return c.checkAdminNamespace(field.NewPath("spec", "devices", "requests").Index(i).Child("adminAccess"))
		}
	}
	return nil
}

func (c *call) checkAdminNamespace(path *field.Path) field.ErrorList {
	stored := c.tx.Get(namespaces, "", c.req.Namespace)
	if stored != nil && stored.Value.(kinds.Object).GetLabels()[resourcev1.DRAAdminNamespaceLabelKey] == "true" {
		return nil
	}
	return field.ErrorList{field.Forbidden(path, fmt.Sprintf("admin access to devices requires the `%s: true` label on the containing namespace", resourcev1.DRAAdminNamespaceLabelKey))}
}

func (c *call) checkClaimStatus(status, before *resourcev1.ResourceClaimStatus) field.ErrorList {
	var errs field.ErrorList
	if i := grantedToAdmin(status.Allocation); i >= 0 && grantedToAdmin(before.Allocation) < 0 {
		errs = c.checkAdminNamespace(field.NewPath("status", "allocation", "devices", "results").Index(i).Child("adminAccess"))
	}
	if !equality.Semantic.DeepEqual(status.Allocation, before.Allocation) || !equality.Semantic.DeepEqual(status.ReservedFor, before.ReservedFor) {
		binding := auth.Attributes{
			User: &c.req.User, Verb: string(c.req.Verb), Group: resourceClaims.Group, Resource: resourceClaims.Resource, Subresource: resourcev1.SubresourceBinding,
		}
		if err := c.mustMay(&binding); err != nil {
			errs = append(errs, field.Forbidden(field.NewPath("status", "allocation"),
				fmt.Sprintf(`changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="%s" permission: %s`, binding.Verb, err)))
		}
	}
	if status.Allocation != nil {
		errs = append(errs, c.checkDrivers(status, before)...)
	}
	return errs
}

// grantedToAdmin is the first result that grants administrator access, or -1.
func grantedToAdmin(a *resourcev1.AllocationResult) int {
	if a == nil {
		return -1
	}
	return slices.IndexFunc(a.Devices.Results, func(r resourcev1.DeviceRequestAllocationResult) bool { return ptr.Deref(r.AdminAccess, false) })
}

// checkDrivers: what a device is like is for its driver to say, on the node that
// it is on, or on all.
func (c *call) checkDrivers(status, before *resourcev1.ResourceClaimStatus) (errs field.ErrorList) {
	verbs := []string{resourcev1.VerbPrefixArbitraryNode + string(c.req.Verb)}
	if c.isOnNode(allocatedNode(status.Allocation)) {
		verbs = append([]string{resourcev1.VerbPrefixAssociatedNode + string(c.req.Verb)}, verbs...)
	}
	for _, driver := range changedDrivers(status.Devices, before.Devices) {
		if err := c.mayOneOf(verbs, driver); err != nil {
			errs = append(errs, field.Forbidden(field.NewPath("status", "devices"),
				fmt.Sprintf(`changing status.devices requires resource="resourceclaims/driver", verb="%s" permission: %s`, verbs, err)))
		}
	}
	return errs
}

// mayOneOf is the first refusal, unless one of the verbs is allowed.
func (c *call) mayOneOf(verbs []string, driver string) (refusal error) {
	for _, verb := range verbs {
		err := c.mustMay(&auth.Attributes{
			User: &c.req.User, Verb: verb, Group: resourceClaims.Group, Resource: resourceClaims.Resource,
			Subresource: resourcev1.SubresourceDriver, Namespace: c.req.Namespace, Name: driver,
		})
		if err == nil {
			return nil
		}
		if refusal == nil {
			refusal = err
		}
	}
	return refusal
}

// changedDrivers are those whose devices were added, removed or changed.
func changedDrivers(devices, before []resourcev1.AllocatedDeviceStatus) []string {
	type key struct{ driver, pool, device, share string }
	keyOf := func(d *resourcev1.AllocatedDeviceStatus) key {
		return key{d.Driver, d.Pool, d.Device, string(ptr.Deref(d.ShareID, ""))}
	}
	gone := map[key]*resourcev1.AllocatedDeviceStatus{}
	for i := range before {
		gone[keyOf(&before[i])] = &before[i]
	}
	changed := map[string]bool{}
	for i := range devices {
		was, ok := gone[keyOf(&devices[i])]
		delete(gone, keyOf(&devices[i]))
		if !ok || !equality.Semantic.DeepEqual(*was, devices[i]) {
			changed[devices[i].Driver] = true
		}
	}
	for k := range gone { // any order: what is found is sorted
		changed[k.driver] = true
	}
	return slices.Sorted(maps.Keys(changed))
}

// allocatedNode is the one node that an allocation is for, or empty.
func allocatedNode(a *resourcev1.AllocationResult) string {
	if a == nil || a.NodeSelector == nil || len(a.NodeSelector.NodeSelectorTerms) != 1 {
		return ""
	}
	term := a.NodeSelector.NodeSelectorTerms[0]
	if len(term.MatchExpressions) != 0 || len(term.MatchFields) != 1 {
		return ""
	}
	f := term.MatchFields[0]
	if f.Key != "metadata.name" || f.Operator != "In" || len(f.Values) != 1 {
		return ""
	}
	return f.Values[0]
}

// isOnNode says that the user is the service account of a Pod on a node.
func (c *call) isOnNode(node string) bool {
	_, _, err := serviceaccount.SplitUsername(c.req.User.Name)
	own := c.req.User.Extra[serviceaccount.NodeNameKey]
	return err == nil && len(own) == 1 && own[0] == node && len(validation.NameIsDNSSubdomain(node, false)) == 0
}
