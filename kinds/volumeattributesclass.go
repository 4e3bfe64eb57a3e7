package kinds

import (
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/kubernetes/pkg/apis/storage"
	storagev1conv "k8s.io/kubernetes/pkg/apis/storage/v1"
	"k8s.io/kubernetes/pkg/apis/storage/validation"
)

// A VolumeAttributesClass has parameters of volumes that a claim may change
// later, by naming another class.
//
// Upstream: pkg/registry/storage/volumeattributesclass (strategy), stored and validated: no driver reads it yet.
func volumeAttributesClass() *Kind {
	classes := versions[storagev1.VolumeAttributesClass, storage.VolumeAttributesClass]{
		toInternal:    storagev1conv.Convert_v1_VolumeAttributesClass_To_storage_VolumeAttributesClass,
		fromInternal:  storagev1conv.Convert_storage_VolumeAttributesClass_To_v1_VolumeAttributesClass,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: storagev1.SchemeGroupVersion.WithKind("VolumeAttributesClass"),
		Resource:         "volumeattributesclasses",
		Singular:         "volumeattributesclass",
		ShortNames:       []string{"vac"},

		New:     func() Object { return &storagev1.VolumeAttributesClass{} },
		Default: classes.defaults,

		Validate:                 classes.validate(validation.ValidateVolumeAttributesClass),
		ValidateUpdate:           classes.validateUpdate(validation.ValidateVolumeAttributesClassUpdate),
		AllowUnconditionalUpdate: true,
		ReturnsDeleted:           true,
	}
}
