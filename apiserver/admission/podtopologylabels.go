package admission

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// podTopologyLabels tells a pod which zone and region its node is in: in the
// labels of the binding, which go to the pod, or in its own if it is created
// on a node.
//
// Upstream: plugin/pkg/admission/podtopologylabels.
func podTopologyLabels() Plugin {
	return Plugin{Name: "PodTopologyLabels", For: []schema.GroupResource{pods}, Admit: func(a *Attributes) error {
		switch obj := a.Object.(type) {
		case *corev1.Binding:
			if a.Subresource == "binding" && obj.Target.Kind == "Node" {
				obj.Labels = a.withTopology(obj.Labels, obj.Target.Name)
			}
		case *corev1.Pod:
			if a.Subresource == "" && obj.Spec.NodeName != "" {
				obj.Labels = a.withTopology(obj.Labels, obj.Spec.NodeName)
			}
		}
		return nil
	}}
}

// withTopology returns labels and, on top, those of a node that its pods get
// too. A template may share the labels, so they are copied.
func (a *Attributes) withTopology(labels map[string]string, nodeName string) map[string]string {
	node, ok := a.Get(nodes, "", nodeName).(*corev1.Node)
	if !ok {
		return labels
	}
	more := map[string]string{}
	for _, key := range [...]string{corev1.LabelTopologyZone, corev1.LabelTopologyRegion} {
		if v, ok := node.Labels[key]; ok {
			more[key] = v
		}
	}
	if len(more) == 0 {
		return labels
	}
	topped := maps.Clone(labels)
	if topped == nil {
		return more
	}
	maps.Copy(topped, more)
	return topped
}
