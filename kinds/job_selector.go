package kinds

import (
	"maps"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/pkg/apis/batch"
)

// selectOwnPods labels a job's template with its name and UID, under their
// old keys too, and makes the job select by the UID. What the client has
// written there already stays, for validation to judge.
func selectOwnPods(j *batch.Job) {
	labels := map[string]string{
		batch.LegacyJobNameLabel:       j.Name,
		batch.JobNameLabel:             j.Name,
		batch.LegacyControllerUidLabel: string(j.UID),
		batch.ControllerUidLabel:       string(j.UID),
	}
	maps.Copy(labels, j.Spec.Template.Labels)
	j.Spec.Template.Labels = labels

	selector := &metav1.LabelSelector{}
	if j.Spec.Selector != nil {
		selector = j.Spec.Selector.DeepCopy()
	}
	if _, chosen := selector.MatchLabels[batch.ControllerUidLabel]; !chosen {
		selector = metav1.AddLabelToSelector(selector, batch.ControllerUidLabel, string(j.UID))
	}
	j.Spec.Selector = selector
}
