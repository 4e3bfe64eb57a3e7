package kinds

import (
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	storageapi "k8s.io/kubernetes/pkg/api/storage"
	"k8s.io/kubernetes/pkg/apis/storage"
	storageutil "k8s.io/kubernetes/pkg/apis/storage/util"
	storagev1conv "k8s.io/kubernetes/pkg/apis/storage/v1"
	"k8s.io/kubernetes/pkg/apis/storage/validation"
)

// A StorageClass says how volumes are made for the claims that name it.
//
// Upstream: pkg/registry/storage/storageclass (strategy), stored and validated: its provisioner comes later.
func storageClass() *Kind {
	classes := versions[storagev1.StorageClass, storage.StorageClass]{
		toInternal:    storagev1conv.Convert_v1_StorageClass_To_storage_StorageClass,
		fromInternal:  storagev1conv.Convert_storage_StorageClass_To_v1_StorageClass,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: storagev1.SchemeGroupVersion.WithKind("StorageClass"),
		Resource:         "storageclasses",
		Singular:         "storageclass",
		ShortNames:       []string{"sc"},

		New:     func() Object { return &storagev1.StorageClass{} },
		Default: classes.defaults,

		Validate: classes.validate(validation.ValidateStorageClass),
		ValidateUpdate: classes.validateUpdate(func(class, old *storage.StorageClass) field.ErrorList {
			return append(validation.ValidateStorageClass(class), validation.ValidateStorageClassUpdate(class, old)...)
		}),
		Warnings: classes.warnings(func(class, _ *storage.StorageClass) []string {
			return storageapi.GetWarningsForStorageClass(class)
		}),
		AllowUnconditionalUpdate: true,
		ReturnsDeleted:           true,

		PrintList: markDefaultClass,
	}
}

// markDefaultClass shows which class claims get that name none: of those that
// are marked, the youngest, and of these the first by name.
func markDefaultClass(classes []Object, rows []metav1.TableRow) {
	chosen := -1
	for i, class := range classes {
		if !storageutil.IsDefaultAnnotation(class.(*storagev1.StorageClass).ObjectMeta) {
			continue
		}
		if chosen < 0 || class.GetCreationTimestamp().After(classes[chosen].GetCreationTimestamp().Time) {
			chosen = i // they come in the order of their names
		}
	}
	if chosen >= 0 {
		rows[chosen].Cells[0] = classes[chosen].GetName() + " (default)"
	}
}
