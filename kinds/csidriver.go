package kinds

import (
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/kubernetes/pkg/apis/storage"
	storagev1conv "k8s.io/kubernetes/pkg/apis/storage/v1"
	"k8s.io/kubernetes/pkg/apis/storage/validation"
	"k8s.io/kubernetes/pkg/features"
)

// A CSIDriver says what a storage driver can do and wants to know.
//
// Upstream: pkg/registry/storage/csidriver (strategy), stored and validated: nothing reads it yet.
func csiDriver() *Kind {
	drivers := versions[storagev1.CSIDriver, storage.CSIDriver]{
		toInternal:    storagev1conv.Convert_v1_CSIDriver_To_storage_CSIDriver,
		fromInternal:  storagev1conv.Convert_storage_CSIDriver_To_v1_CSIDriver,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: storagev1.SchemeGroupVersion.WithKind("CSIDriver"),
		Resource:         "csidrivers",
		Singular:         "csidriver",

		New:     func() Object { return &storagev1.CSIDriver{} },
		Default: drivers.defaults,

		PrepareCreate: func(obj Object) {
			dropDisabledDriverFields(&obj.(*storagev1.CSIDriver).Spec, &storagev1.CSIDriverSpec{})
		},
		PrepareUpdate: func(obj, old Object) {
			driver, before := obj.(*storagev1.CSIDriver), old.(*storagev1.CSIDriver)
			dropDisabledDriverFields(&driver.Spec, &before.Spec)
			if !equality.Semantic.DeepEqual(driver.Spec, before.Spec) {
				driver.Generation = before.Generation + 1
			}
		},
		Validate:       drivers.validate(validation.ValidateCSIDriver),
		ValidateUpdate: drivers.validateUpdate(validation.ValidateCSIDriverUpdate),
		Warnings:       driverWarnings,
		ReturnsDeleted: true,
	}
}

// dropDisabledDriverFields removes the fields of features that are off,
// unless they were in use before.
func dropDisabledDriverFields(spec, old *storagev1.CSIDriverSpec) {
	if old.ServiceAccountTokenInSecrets == nil && !enabled(features.CSIServiceAccountTokenSecrets) {
		spec.ServiceAccountTokenInSecrets = nil
	}
	if old.PreventPodSchedulingIfMissing == nil && !enabled(features.VolumeLimitScaling) {
		spec.PreventPodSchedulingIfMissing = nil
	}
}

// driverWarnings warns about tokens that a driver may log.
func driverWarnings(obj, old Object) []string {
	spec := &obj.(*storagev1.CSIDriver).Spec
	if len(spec.TokenRequests) == 0 || spec.ServiceAccountTokenInSecrets != nil || !enabled(features.CSIServiceAccountTokenSecrets) {
		return nil
	}
	if old != nil && equality.Semantic.DeepEqual(spec.TokenRequests, old.(*storagev1.CSIDriver).Spec.TokenRequests) {
		return nil
	}
	return []string{"spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes"}
}
