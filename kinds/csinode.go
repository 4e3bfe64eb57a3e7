package kinds

import (
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/pkg/apis/storage"
	storagev1conv "k8s.io/kubernetes/pkg/apis/storage/v1"
	"k8s.io/kubernetes/pkg/apis/storage/validation"
	"k8s.io/kubernetes/pkg/features"
)

// A CSINode lists the storage drivers of a node.
//
// Upstream: pkg/registry/storage/csinode (strategy), stored and validated: no kubelet writes it yet.
func csiNode() *Kind {
	nodes := versions[storagev1.CSINode, storage.CSINode]{
		toInternal:    storagev1conv.Convert_v1_CSINode_To_storage_CSINode,
		fromInternal:  storagev1conv.Convert_storage_CSINode_To_v1_CSINode,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: storagev1.SchemeGroupVersion.WithKind("CSINode"),
		Resource:         "csinodes",
		Singular:         "csinode",

		New:     func() Object { return &storagev1.CSINode{} },
		Default: nodes.defaults,

		PrepareCreate: func(obj Object) { obj.(*storagev1.CSINode).Status = storagev1.CSINodeStatus{} },
		PrepareUpdate: func(obj, old Object) {
			obj.(*storagev1.CSINode).Status = old.(*storagev1.CSINode).Status
		},
		Validate:       nodes.validate(validation.ValidateCSINode),
		ValidateUpdate: nodes.validateUpdate(validation.ValidateCSINodeUpdate),

		Status: &Subresource{
			ResetFields: []string{"spec", "metadata"},
			PrepareUpdate: func(obj, old Object) {
				n, before := obj.(*storagev1.CSINode), old.(*storagev1.CSINode)
				n.Spec = before.Spec
				metav1.ResetObjectMetaForStatus(n, before)
				if len(before.Status.StorageHealth) == 0 && !enabled(features.CSIVolumeHealth) {
					n.Status.StorageHealth = nil
				}
			},
			ValidateUpdate: nodes.validateStatus(validation.ValidateCSINodeStatusUpdate, nil),
		},
		ReturnsDeleted: true,
	}
}
