package kinds

import (
	"cmp"
	"slices"

	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/flowcontrol"
	flowcontrolv1conv "k8s.io/kubernetes/pkg/apis/flowcontrol/v1"
	"k8s.io/kubernetes/pkg/apis/flowcontrol/validation"
)

// A FlowSchema sorts requests into priority levels.
//
// Upstream: pkg/registry/flowcontrol/flowschema (strategy), stored and validated: requests are told where they belong and none waits.
func flowSchema() *Kind {
	schemas := versions[flowcontrolv1.FlowSchema, flowcontrol.FlowSchema]{
		toInternal:    flowcontrolv1conv.Convert_v1_FlowSchema_To_flowcontrol_FlowSchema,
		fromInternal:  flowcontrolv1conv.Convert_flowcontrol_FlowSchema_To_v1_FlowSchema,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: flowcontrolv1.SchemeGroupVersion.WithKind("FlowSchema"),
		Resource:         "flowschemas",
		Singular:         "flowschema",

		New:     func() Object { return &flowcontrolv1.FlowSchema{} },
		Default: schemas.defaults,

		PrepareCreate: func(obj Object) {
			schema := obj.(*flowcontrolv1.FlowSchema)
			schema.Status = flowcontrolv1.FlowSchemaStatus{}
			schema.Generation = 1
		},
		PrepareUpdate: func(obj, old Object) {
			schema, before := obj.(*flowcontrolv1.FlowSchema), old.(*flowcontrolv1.FlowSchema)
			schema.Status = before.Status
			if !equality.Semantic.DeepEqual(schema.Spec, before.Spec) {
				schema.Generation = before.Generation + 1
			}
		},
		Validate: schemas.validate(validation.ValidateFlowSchema),
		ValidateUpdate: schemas.validateUpdate(func(s, old *flowcontrol.FlowSchema) field.ErrorList {
			return validation.ValidateFlowSchemaUpdate(old, s)
		}),

		Status: &Subresource{
			PrepareUpdate: func(obj, old Object) {
				schema, before := obj.(*flowcontrolv1.FlowSchema), old.(*flowcontrolv1.FlowSchema)
				schema.Spec = before.Spec
				keepMetadata(schema, before)
			},
			ValidateUpdate: schemas.validateStatus(func(s, old *flowcontrol.FlowSchema) field.ErrorList {
				return validation.ValidateFlowSchemaStatusUpdate(old, s)
			}, nil),
			ResetFields: []string{"spec", "metadata"},
		},
		AllowUnconditionalUpdate: true,

		PrintList: sortFlowSchemas,
	}
}

// sortFlowSchemas shows them in the order in which requests meet them.
func sortFlowSchemas(_ []Object, rows []metav1.TableRow) {
	precedence := func(row metav1.TableRow) int32 {
		return row.Object.Object.(*flowcontrolv1.FlowSchema).Spec.MatchingPrecedence
	}
	slices.SortStableFunc(rows, func(a, b metav1.TableRow) int { return cmp.Compare(precedence(a), precedence(b)) })
}

// keepMetadata lets a status write change no metadata but who manages what.
func keepMetadata(obj, old Object) {
	managers := obj.GetManagedFields()
	*objectMeta(obj) = *objectMeta(old)
	obj.SetManagedFields(managers)
}
