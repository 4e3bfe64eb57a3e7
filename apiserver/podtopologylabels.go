package apiserver

import (
	"maps"

	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/kinds"
)

// podTopologyLabels tells a pod which zone and region its node is in. For a
// pod that is bound later, bind does so.
func podTopologyLabels(c *call, op operation, obj, _ kinds.Object) error {
	if c.GroupResource != pods || c.req.Subresource != "" || op == admitDelete {
		return nil
	}
	pod := obj.(*corev1.Pod)
	if pod.Spec.NodeName == "" {
		return nil
	}
	pod.Labels = mergeLabels(pod.Labels, c.topologyLabels(pod.Spec.NodeName))
	return nil
}

// topologyLabels are those labels of a node that its pods get too.
func (c *call) topologyLabels(node string) map[string]string {
	stored := c.tx.Get(nodes, "", node)
	if stored == nil {
		return nil
	}
	var found map[string]string
	for _, key := range [...]string{corev1.LabelTopologyZone, corev1.LabelTopologyRegion} {
		if v, ok := stored.Value.(*corev1.Node).Labels[key]; ok {
			found = mergeLabels(found, map[string]string{key: v})
		}
	}
	return found
}

// mergeLabels returns labels with more on top. Neither map is changed.
func mergeLabels(labels, more map[string]string) map[string]string {
	if len(more) == 0 {
		return labels
	}
	merged := make(map[string]string, len(labels)+len(more))
	maps.Copy(merged, labels)
	maps.Copy(merged, more)
	return merged
}
