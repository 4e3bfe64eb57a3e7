package kinds

import (
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	storageapi "k8s.io/kubernetes/pkg/api/storage"
	"k8s.io/kubernetes/pkg/apis/storage"
	storagev1conv "k8s.io/kubernetes/pkg/apis/storage/v1"
	"k8s.io/kubernetes/pkg/apis/storage/validation"
)

// A CSIStorageCapacity says how much storage of a class there is, in some
// part of the cluster.
//
// Upstream: pkg/registry/storage/csistoragecapacity (strategy), stored and validated: the scheduler does not read it yet.
func csiStorageCapacity() *Kind {
	capacities := versions[storagev1.CSIStorageCapacity, storage.CSIStorageCapacity]{
		toInternal:   storagev1conv.Convert_v1_CSIStorageCapacity_To_storage_CSIStorageCapacity,
		fromInternal: storagev1conv.Convert_storage_CSIStorageCapacity_To_v1_CSIStorageCapacity,
	}
	return &Kind{
		GroupVersionKind: storagev1.SchemeGroupVersion.WithKind("CSIStorageCapacity"),
		Resource:         "csistoragecapacities",
		Singular:         "csistoragecapacity",
		Namespaced:       true,

		New:     func() Object { return &storagev1.CSIStorageCapacity{} },
		Default: capacities.defaults,

		Validate: capacities.validate(func(c *storage.CSIStorageCapacity) field.ErrorList {
			return validation.ValidateCSIStorageCapacity(c, validation.CSIStorageCapacityValidateOptions{})
		}),
		ValidateUpdate: capacities.validateUpdate(func(c, old *storage.CSIStorageCapacity) field.ErrorList {
			errs := validation.ValidateCSIStorageCapacity(c, validation.CSIStorageCapacityValidateOptions{
				AllowInvalidLabelValueInSelector: invalidSelector(old.NodeTopology),
			})
			return append(errs, validation.ValidateCSIStorageCapacityUpdate(c, old)...)
		}),
		Warnings: capacities.warnings(func(c, _ *storage.CSIStorageCapacity) []string {
			return storageapi.GetWarningsForCSIStorageCapacity(c)
		}),
		PlainTable: true,
	}
}
