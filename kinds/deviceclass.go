package kinds

import (
	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/kubernetes/pkg/apis/resource"
	resourcev1conv "k8s.io/kubernetes/pkg/apis/resource/v1"
	"k8s.io/kubernetes/pkg/apis/resource/validation"
	"k8s.io/kubernetes/pkg/features"
)

// A DeviceClass names a sort of devices that claims can ask for.
//
// Upstream: pkg/registry/resource/deviceclass (strategy), stored and validated: nothing allocates devices.
func deviceClass() *Kind {
	classes := versions[resourcev1.DeviceClass, resource.DeviceClass]{
		toInternal:    resourcev1conv.Convert_v1_DeviceClass_To_resource_DeviceClass,
		fromInternal:  resourcev1conv.Convert_resource_DeviceClass_To_v1_DeviceClass,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: resourcev1.SchemeGroupVersion.WithKind("DeviceClass"),
		Resource:         "deviceclasses",
		Singular:         "deviceclass",

		New:     func() Object { return &resourcev1.DeviceClass{} },
		Default: classes.defaults,

		PrepareCreate: func(obj Object) {
			class := obj.(*resourcev1.DeviceClass)
			class.Generation = 1
			dropDisabledClassFields(class, &resourcev1.DeviceClass{})
		},
		PrepareUpdate: func(obj, old Object) {
			class, before := obj.(*resourcev1.DeviceClass), old.(*resourcev1.DeviceClass)
			dropDisabledClassFields(class, before)
			if !equality.Semantic.DeepEqual(class.Spec, before.Spec) {
				class.Generation = before.Generation + 1
			}
		},
		Validate:                 classes.validate(validation.ValidateDeviceClass),
		ValidateUpdate:           classes.validateUpdate(validation.ValidateDeviceClassUpdate),
		AllowUnconditionalUpdate: true,
		ReturnsDeleted:           true,
	}
}

func dropDisabledClassFields(class, old *resourcev1.DeviceClass) {
	if old.Spec.ExtendedResourceName == nil && !enabled(features.DRAExtendedResource) {
		class.Spec.ExtendedResourceName = nil
	}
}
