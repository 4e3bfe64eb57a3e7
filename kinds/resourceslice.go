package kinds

import (
	"fmt"
	"strings"
	"time"

	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/kubernetes/pkg/apis/resource"
	resourcev1conv "k8s.io/kubernetes/pkg/apis/resource/v1"
	"k8s.io/kubernetes/pkg/apis/resource/validation"
	"k8s.io/kubernetes/pkg/features"
	"k8s.io/utils/ptr"
)

// A ResourceSlice is how a driver says which devices it has, on one node or
// for several.
//
// Upstream: pkg/registry/resource/resourceslice (strategy), stored and validated: no driver publishes any.
func resourceSlice() *Kind {
	slices := versions[resourcev1.ResourceSlice, resource.ResourceSlice]{
		toInternal:    resourcev1conv.Convert_v1_ResourceSlice_To_resource_ResourceSlice,
		fromInternal:  resourcev1conv.Convert_resource_ResourceSlice_To_v1_ResourceSlice,
		clusterScoped: true,
		options:       map[string]bool{string(features.DRAPartitionableDevicesType): enabled(features.DRAPartitionableDevicesType)},
	}
	return &Kind{
		GroupVersionKind: resourcev1.SchemeGroupVersion.WithKind("ResourceSlice"),
		Resource:         "resourceslices",
		Singular:         "resourceslice",

		New: func() Object { return &resourcev1.ResourceSlice{} },
		Default: func(obj Object) {
			keepTimesAdded(taintsOf(obj.(*resourcev1.ResourceSlice)), func() { slices.defaults(obj) })
		},

		DefaultTimes: func(obj Object, now time.Time) {
			for _, taint := range taintsOf(obj.(*resourcev1.ResourceSlice)) {
				stampTaint(taint, now)
			}
		},
		PrepareCreate: func(obj Object) {
			slice := obj.(*resourcev1.ResourceSlice)
			slice.Generation = 1
			dropDisabledSliceFields(&slice.Spec, &resourcev1.ResourceSliceSpec{})
		},
		PrepareUpdate: func(obj, old Object) {
			slice, before := obj.(*resourcev1.ResourceSlice), old.(*resourcev1.ResourceSlice)
			if !equality.Semantic.DeepEqual(slice.Spec, before.Spec) {
				slice.Generation = before.Generation + 1
			}
			dropDisabledSliceFields(&slice.Spec, &before.Spec)
		},
		Validate:       slices.validate(validation.ValidateResourceSlice),
		ValidateUpdate: slices.validateUpdate(validation.ValidateResourceSliceUpdate),
		Warnings: func(obj, _ Object) []string {
			driver := obj.(*resourcev1.ResourceSlice).Spec.Driver
			if driver == strings.ToLower(driver) {
				return nil
			}
			return []string{fmt.Sprintf("spec.driver: driver names should be lowercase; %q contains uppercase characters", driver)}
		},
		AllowUnconditionalUpdate: true,
		ReturnsDeleted:           true,

		Fields: func(obj Object) fields.Set {
			spec := &obj.(*resourcev1.ResourceSlice).Spec
			return fields.Set{
				resourcev1.ResourceSliceSelectorNodeName: ptr.Deref(spec.NodeName, ""),
				resourcev1.ResourceSliceSelectorDriver:   spec.Driver,
				resource.ResourceSliceSelectorPoolName:   spec.Pool.Name,
			}
		},
		IndexedField: resourcev1.ResourceSliceSelectorNodeName,
		FieldNames:   []string{resourcev1.ResourceSliceSelectorNodeName, resourcev1.ResourceSliceSelectorDriver, resource.ResourceSliceSelectorPoolName},
	}
}

// taintsOf are those of all devices of a slice.
func taintsOf(slice *resourcev1.ResourceSlice) []*resourcev1.DeviceTaint {
	var all []*resourcev1.DeviceTaint
	for i := range slice.Spec.Devices {
		taints := slice.Spec.Devices[i].Taints
		for j := range taints {
			all = append(all, &taints[j])
		}
	}
	return all
}
