package kinds

import (
	"maps"
	"reflect"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/pkg/apis/batch"
)

// selectOwnPods labels a job's template with its name and UID, under their
// old keys too, and makes the job select by the UID. What the client has
// written there already stays, for validation to judge. A job that has the
// labels of its template by default has the very same map, so that upstream
// labels the job with it.
func selectOwnPods(j *batch.Job) {
	labels := map[string]string{
		batch.LegacyJobNameLabel:       j.Name,
		batch.JobNameLabel:             j.Name,
		batch.LegacyControllerUidLabel: string(j.UID),
		batch.ControllerUidLabel:       string(j.UID),
	}
	maps.Copy(labels, j.Spec.Template.Labels)
	if sameMap := reflect.ValueOf(j.Labels).Pointer() == reflect.ValueOf(j.Spec.Template.Labels).Pointer(); sameMap && j.Labels != nil {
		j.Labels = labels
	}
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

// labelAsTemplate gives a job without labels those of its template. That is a
// default, but the template may have been given its labels after the defaults
// were filled in.
func labelAsTemplate(obj Object) {
	if j := obj.(*batchv1.Job); len(j.Labels) == 0 {
		j.Labels = j.Spec.Template.Labels
	}
}

// hasGeneratedLabels says that all labels of a new job are those that its
// template was given for its selector: it had none when the defaults were filled
// in.
func hasGeneratedLabels(obj Object) bool {
	for label := range obj.GetLabels() {
		switch label {
		case batchv1.ControllerUidLabel, batchv1.JobNameLabel, batch.LegacyControllerUidLabel, batch.LegacyJobNameLabel:
		default:
			return false
		}
	}
	return obj.GetLabels()[batchv1.ControllerUidLabel] == string(obj.GetUID())
}
