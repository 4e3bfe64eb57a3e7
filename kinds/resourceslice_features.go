package kinds

import (
	"slices"

	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/component-base/featuregate"
	"k8s.io/kubernetes/pkg/features"
)

// sliceFeature is a part of ResourceSlices that a feature gate stands before.
type sliceFeature struct {
	gate featuregate.Feature
	used func(*resourcev1.ResourceSliceSpec) bool
	drop func(*resourcev1.ResourceSliceSpec)
}

// sliceFeatures are those whose gates are off by default. The devices of a
// slice that is changed are its own (see dropDisabledSliceFields).
func sliceFeatures() []sliceFeature {
	return []sliceFeature{
		{
			gate: features.DRAPartitionableDevicesType,
			used: func(s *resourcev1.ResourceSliceSpec) bool { return s.PartitionTypeAttribute != nil },
			drop: func(s *resourcev1.ResourceSliceSpec) { s.PartitionTypeAttribute = nil },
		}, {
			gate: features.DRAOptionalNodeOperations,
			used: func(s *resourcev1.ResourceSliceSpec) bool { return len(s.SkipNodeOperations) > 0 },
			drop: func(s *resourcev1.ResourceSliceSpec) { s.SkipNodeOperations = nil },
		},
		deviceFeature(features.DRANodeAllocatableResources,
			func(d *resourcev1.Device) bool { return len(d.NodeAllocatableResources) > 0 },
			func(d *resourcev1.Device) { d.NodeAllocatableResources = nil }),
		deviceFeature(features.DRADeviceCompatibilityGroups,
			func(d *resourcev1.Device) bool {
				return slices.ContainsFunc(d.ConsumesCounters, func(c resourcev1.DeviceCounterConsumption) bool { return len(c.CompatibilityGroups) > 0 })
			},
			func(d *resourcev1.Device) {
				d.ConsumesCounters = slices.Clone(d.ConsumesCounters)
				for i := range d.ConsumesCounters {
					d.ConsumesCounters[i].CompatibilityGroups = nil
				}
			}),
		deviceFeature(features.DRAListTypeAttributes, hasListAttributes, dropListAttributes),
	}
}

func deviceFeature(gate featuregate.Feature, used func(*resourcev1.Device) bool, drop func(*resourcev1.Device)) sliceFeature {
	return sliceFeature{
		gate: gate,
		used: func(s *resourcev1.ResourceSliceSpec) bool {
			return slices.ContainsFunc(s.Devices, func(d resourcev1.Device) bool { return used(&d) })
		},
		drop: func(s *resourcev1.ResourceSliceSpec) {
			for i := range s.Devices {
				drop(&s.Devices[i])
			}
		},
	}
}

func hasListAttributes(d *resourcev1.Device) bool {
	for _, a := range d.Attributes {
		if isList(a) {
			return true
		}
	}
	return false
}

func isList(a resourcev1.DeviceAttribute) bool {
	return a.BoolValues != nil || a.IntValues != nil || a.StringValues != nil || a.VersionValues != nil
}

func dropListAttributes(d *resourcev1.Device) {
	attributes := make(map[resourcev1.QualifiedName]resourcev1.DeviceAttribute, len(d.Attributes))
	for name, a := range d.Attributes {
		a.BoolValues, a.IntValues, a.StringValues, a.VersionValues = nil, nil, nil, nil
		attributes[name] = a
	}
	d.Attributes = attributes
}

// dropDisabledSliceFields removes what belongs to features that are off,
// unless the old slice uses them. It copies what it changes: the devices may
// be shared with the old slice.
func dropDisabledSliceFields(spec, old *resourcev1.ResourceSliceSpec) {
	copied := false
	for _, f := range sliceFeatures() {
		if enabled(f.gate) || f.used(old) || !f.used(spec) {
			continue
		}
		if !copied {
			spec.Devices, copied = slices.Clone(spec.Devices), true
		}
		f.drop(spec)
	}
}
