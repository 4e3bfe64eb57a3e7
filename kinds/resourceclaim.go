package kinds

import (
	"context"

	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/api/operation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/api/resourceclaimspec"
	"k8s.io/kubernetes/pkg/apis/resource"
	resourcev1conv "k8s.io/kubernetes/pkg/apis/resource/v1"
	"k8s.io/kubernetes/pkg/apis/resource/validation"
	"k8s.io/kubernetes/pkg/features"
)

// A ResourceClaim asks for devices; its status says which were allocated, and
// for whom. Its spec never changes.
//
// Upstream: pkg/registry/resource/resourceclaim (strategy), stored and validated; nothing allocates devices.
func resourceClaim() *Kind {
	claims := versions[resourcev1.ResourceClaim, resource.ResourceClaim]{
		toInternal:   resourcev1conv.Convert_v1_ResourceClaim_To_resource_ResourceClaim,
		fromInternal: resourcev1conv.Convert_resource_ResourceClaim_To_v1_ResourceClaim,
	}
	return &Kind{
		GroupVersionKind: resourcev1.SchemeGroupVersion.WithKind("ResourceClaim"),
		Resource:         "resourceclaims",
		Singular:         "resourceclaim",
		Namespaced:       true,

		New:     func() Object { return &resourcev1.ResourceClaim{} },
		Default: claims.defaults,

		PrepareCreate: claims.prepareCreate(func(c *resource.ResourceClaim) {
			c.Status = resource.ResourceClaimStatus{}
			resourceclaimspec.DropDisabledFields(&c.Spec, nil)
		}),
		PrepareUpdate: claims.prepareUpdate(func(c, old *resource.ResourceClaim) {
			c.Status = old.Status
			resourceclaimspec.DropDisabledFields(&c.Spec, &old.Spec)
		}),
		Validate:       claims.validate(validation.ValidateResourceClaim),
		ValidateUpdate: claims.validateUpdate(validation.ValidateResourceClaimUpdate),

		Status: &Subresource{
			NoTable: true,
			PrepareUpdate: func(obj, old Object) {
				claim, before := obj.(*resourcev1.ResourceClaim), old.(*resourcev1.ResourceClaim)
				claim.Spec = before.Spec
				metav1.ResetObjectMetaForStatus(claim, before)
				dropSkippedOperations(claim, before)
				dropDeallocatedDevices(&claim.Status, &before.Status)
			},
			ValidateUpdate: claims.validateStatus(validation.ValidateResourceClaimStatusUpdate, declaredDeviceClaimStatus),
			ResetFields:    []string{"spec", "metadata"},
		},
		AllowUnconditionalUpdate: true,
		ReturnsDeleted:           true,
	}
}

// dropSkippedOperations removes, from results that may be shared with the old
// claim, the one field of them whose feature is off by default.
func dropSkippedOperations(claim, old *resourcev1.ResourceClaim) {
	if enabled(features.DRAOptionalNodeOperations) || skipsOperations(old.Status.Allocation) || !skipsOperations(claim.Status.Allocation) {
		return
	}
	claim.Status.Allocation = claim.Status.Allocation.DeepCopy()
	for i := range claim.Status.Allocation.Devices.Results {
		claim.Status.Allocation.Devices.Results[i].SkipNodeOperations = nil
	}
}

func skipsOperations(allocation *resourcev1.AllocationResult) bool {
	if allocation == nil {
		return false
	}
	for i := range allocation.Devices.Results {
		if len(allocation.Devices.Results[i].SkipNodeOperations) > 0 {
			return true
		}
	}
	return false
}

// allocatedDevice names a device, or a share of one.
type allocatedDevice struct{ driver, pool, device, share string }

func allocatedDevices(allocation *resourcev1.AllocationResult) map[allocatedDevice]bool {
	all := map[allocatedDevice]bool{}
	if allocation == nil {
		return all
	}
	for i := range allocation.Devices.Results {
		r := &allocation.Devices.Results[i]
		device := allocatedDevice{driver: r.Driver, pool: r.Pool, device: r.Device}
		if r.ShareID != nil {
			device.share = string(*r.ShareID)
		}
		all[device] = true
	}
	return all
}

// dropDeallocatedDevices forgets what drivers said about devices that the
// claim has no more.
func dropDeallocatedDevices(status, old *resourcev1.ResourceClaimStatus) {
	had, has := allocatedDevices(old.Allocation), allocatedDevices(status.Allocation)
	var kept []resourcev1.AllocatedDeviceStatus
	for _, d := range status.Devices {
		device := allocatedDevice{driver: d.Driver, pool: d.Pool, device: d.Device}
		if d.ShareID != nil {
			device.share = *d.ShareID
		}
		if has[device] || !had[device] {
			kept = append(kept, d)
		}
	}
	status.Devices = kept
}

// declaredDeviceClaimStatus are the rules that the tags of the status declare.
func declaredDeviceClaimStatus(ctx context.Context, op operation.Operation, path *field.Path, claim, old *resourcev1.ResourceClaim) field.ErrorList {
	return resourcev1conv.Validate_ResourceClaimStatus(ctx, op, path.Child("status"), &claim.Status, &old.Status)
}
