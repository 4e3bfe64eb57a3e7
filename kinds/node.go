package kinds

import (
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1conv "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/features"
)

// A Node, unlike other kinds, may be created with a status: the kubelet
// registers itself with its capacity and addresses in one call.
//
// Upstream: pkg/registry/core/node (strategy), for the feature gates' default values only.
func node() *Kind {
	nodes := versions[corev1.Node, core.Node]{
		toInternal:    corev1conv.Convert_v1_Node_To_core_Node,
		fromInternal:  corev1conv.Convert_core_Node_To_v1_Node,
		clusterScoped: true,
		options: map[string]bool{
			string(features.InPlacePodVerticalScalingSchedulerPreemption): enabled(features.InPlacePodVerticalScalingSchedulerPreemption),
		},
	}
	return &Kind{
		GroupVersionKind: corev1.SchemeGroupVersion.WithKind("Node"),
		Resource:         "nodes",
		StoredAs:         "minions",
		Singular:         "node",
		ShortNames:       []string{"no"},

		New: func() Object { return &corev1.Node{} },
		Default: func(obj Object) {
			nodes.defaults(obj)
			matchCIDRs(&obj.(*corev1.Node).Spec)
		},

		PrepareCreate: nodes.prepareCreate(func(n *core.Node) {
			n.Status.Config = nil
			dropDisabledNodeFields(n, &core.Node{})
		}),
		PrepareUpdate: nodes.prepareUpdate(func(n, old *core.Node) {
			n.Status = old.Status
			dropDisabledNodeFields(n, old)
		}),
		Validate: nodes.validate(validation.ValidateNode),
		ValidateUpdate: nodes.validateUpdate(func(n, old *core.Node) field.ErrorList {
			return append(validation.ValidateNode(n), validation.ValidateNodeUpdate(n, old)...)
		}),
		Warnings: nodes.warnings(func(n, _ *core.Node) []string { return nodeWarnings(n) }),

		Status: &Subresource{
			PrepareUpdate: nodes.prepareUpdate(func(n, old *core.Node) {
				n.Spec = old.Spec
				if old.Status.Config == nil {
					n.Status.Config = nil
				}
			}),
			ValidateUpdate: nodes.validateStatus(validation.ValidateNodeUpdate, nil),
		},
		Others:                   []OtherSubresource{{Name: "proxy", Kind: corev1.SchemeGroupVersion.WithKind("NodeProxyOptions"), Verbs: proxyVerbs}},
		AllowUnconditionalUpdate: true,

		Fields: func(obj Object) fields.Set {
			return fields.Set{"spec.unschedulable": strconv.FormatBool(obj.(*corev1.Node).Spec.Unschedulable)}
		},
		FieldNames: []string{"spec.unschedulable"},
	}
}

// matchCIDRs lists the one CIDR of a client that knows of no more, or says again
// which one is first. Upstream's conversions do it, which is before anyone asks
// which fields are managed.
func matchCIDRs(spec *corev1.NodeSpec) {
	switch {
	case spec.PodCIDR != "" && (len(spec.PodCIDRs) == 0 || spec.PodCIDRs[0] != spec.PodCIDR):
		spec.PodCIDRs = []string{spec.PodCIDR}
	case spec.PodCIDR == "" && len(spec.PodCIDRs) > 0:
		spec.PodCIDR = spec.PodCIDRs[0]
	}
}

// dropDisabledNodeFields removes what belongs to features that are off, unless
// the old node has it already. old is an empty node on creation.
func dropDisabledNodeFields(n, old *core.Node) {
	if old.Spec.ConfigSource == nil {
		n.Spec.ConfigSource = nil
	}
	if old.Spec.PodPreemptionPolicy == nil && !enabled(features.InPlacePodVerticalScalingSchedulerPreemption) {
		n.Spec.PodPreemptionPolicy = nil
	}
	if old.Status.DeclaredFeatures == nil && !enabled(features.NodeDeclaredFeatures) {
		n.Status.DeclaredFeatures = nil
	}
}

func nodeWarnings(n *core.Node) []string {
	var warnings []string
	if n.Spec.ConfigSource != nil {
		warnings = append(warnings, "spec.configSource: the feature is removed")
	}
	if n.Spec.DoNotUseExternalID != "" {
		warnings = append(warnings, "spec.externalID: this field is deprecated, and is unused by Kubernetes")
	}
	for i, cidr := range n.Spec.PodCIDRs {
		warnings = append(warnings, utilvalidation.GetWarningsForCIDR(field.NewPath("spec", "podCIDRs").Index(i), cidr)...)
	}
	return warnings
}
