package kinds

import (
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/pkg/apis/storage"
	storagev1conv "k8s.io/kubernetes/pkg/apis/storage/v1"
	"k8s.io/kubernetes/pkg/apis/storage/validation"
)

// A VolumeAttachment asks a driver to attach a volume to a node.
//
// Upstream: pkg/registry/storage/volumeattachment (strategy), stored and validated: its controller comes later.
func volumeAttachment() *Kind {
	attachments := versions[storagev1.VolumeAttachment, storage.VolumeAttachment]{
		toInternal:    storagev1conv.Convert_v1_VolumeAttachment_To_storage_VolumeAttachment,
		fromInternal:  storagev1conv.Convert_storage_VolumeAttachment_To_v1_VolumeAttachment,
		clusterScoped: true,

		metadataUnchecked: true,
	}
	return &Kind{
		GroupVersionKind: storagev1.SchemeGroupVersion.WithKind("VolumeAttachment"),
		Resource:         "volumeattachments",
		Singular:         "volumeattachment",

		New:     func() Object { return &storagev1.VolumeAttachment{} },
		Default: attachments.defaults,

		PrepareCreate: func(obj Object) {
			obj.(*storagev1.VolumeAttachment).Status = storagev1.VolumeAttachmentStatus{}
		},
		PrepareUpdate: func(obj, old Object) {
			obj.(*storagev1.VolumeAttachment).Status = old.(*storagev1.VolumeAttachment).Status
		},
		Validate:       attachments.validate(validation.ValidateVolumeAttachment),
		ValidateUpdate: attachments.validateUpdate(validation.ValidateVolumeAttachmentUpdate),

		Status: &Subresource{
			ResetFields: []string{"spec", "metadata"},
			PrepareUpdate: func(obj, old Object) {
				attachment, before := obj.(*storagev1.VolumeAttachment), old.(*storagev1.VolumeAttachment)
				attachment.Spec = before.Spec
				metav1.ResetObjectMetaForStatus(attachment, before)
			},
			ValidateUpdate: attachments.validateStatus(validation.ValidateVolumeAttachmentUpdate, nil),
		},
		ReturnsDeleted: true,
	}
}
