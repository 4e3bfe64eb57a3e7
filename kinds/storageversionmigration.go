package kinds

import (
	"context"

	storagemigrationv1 "k8s.io/api/storagemigration/v1"
	"k8s.io/apimachinery/pkg/api/operation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/storagemigration"
	storagemigrationv1conv "k8s.io/kubernetes/pkg/apis/storagemigration/v1"
	"k8s.io/kubernetes/pkg/apis/storagemigration/validation"
)

// A StorageVersionMigration asks that all objects of a resource be written
// again, in the version that is stored now.
//
// Upstream: pkg/registry/storagemigration/storagemigration (strategy), stored and validated: nothing is ever stored in two versions here, so nothing migrates.
func storageVersionMigration() *Kind {
	migrations := versions[storagemigrationv1.StorageVersionMigration, storagemigration.StorageVersionMigration]{
		toInternal:    storagemigrationv1conv.Convert_v1_StorageVersionMigration_To_storagemigration_StorageVersionMigration,
		fromInternal:  storagemigrationv1conv.Convert_storagemigration_StorageVersionMigration_To_v1_StorageVersionMigration,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: storagemigrationv1.SchemeGroupVersion.WithKind("StorageVersionMigration"),
		Resource:         "storageversionmigrations",
		Singular:         "storageversionmigration",

		New:     func() Object { return &storagemigrationv1.StorageVersionMigration{} },
		Default: migrations.defaults,

		PrepareCreate: func(obj Object) {
			obj.(*storagemigrationv1.StorageVersionMigration).Status = storagemigrationv1.StorageVersionMigrationStatus{}
		},
		PrepareUpdate: func(obj, old Object) {
			obj.(*storagemigrationv1.StorageVersionMigration).Status = old.(*storagemigrationv1.StorageVersionMigration).Status
		},
		Validate:       migrations.validate(validation.ValidateStorageVersionMigration),
		ValidateUpdate: migrations.validateUpdate(validation.ValidateStorageVersionMigrationUpdate),

		Status: &Subresource{
			PrepareUpdate: func(obj, old Object) {
				migration, before := obj.(*storagemigrationv1.StorageVersionMigration), old.(*storagemigrationv1.StorageVersionMigration)
				migration.Spec = before.Spec
				metav1.ResetObjectMetaForStatus(migration, before)
			},
			ValidateUpdate: migrations.validateStatus(validation.ValidateStorageVersionMigrationStatusUpdate, declaredMigrationStatus),
			ResetFields:    []string{"spec", "metadata"},
		},
	}
}

// declaredMigrationStatus are the rules that the tags of the status declare.
func declaredMigrationStatus(ctx context.Context, op operation.Operation, path *field.Path, migration, old *storagemigrationv1.StorageVersionMigration) field.ErrorList {
	return storagemigrationv1conv.Validate_StorageVersionMigrationStatus(ctx, op, path.Child("status"), &migration.Status, &old.Status)
}
