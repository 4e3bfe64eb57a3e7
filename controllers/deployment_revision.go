package controllers

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile"
)

// Annotations that number the revisions: the Deployment's and each
// ReplicaSet's own, and the numbers that a ReplicaSet had before.
const (
	revisionAnnotation        = "deployment.kubernetes.io/revision"
	revisionHistoryAnnotation = "deployment.kubernetes.io/revision-history"
	// revisionHistoryMax is how long the list of numbers may be, in bytes.
	revisionHistoryMax = 2000
)

// syncNewReplicaSet gives the new ReplicaSet the highest revision, the
// Deployment's annotations and its minReadySeconds, and says whether that
// needs a write. If not, the Deployment takes over its revision.
func (r *rollout) syncNewReplicaSet() bool {
	rs := r.newRS
	annotations := r.annotationsFor(rs)
	if !maps.Equal(annotations, rs.Annotations) || rs.Spec.MinReadySeconds != r.d.Spec.MinReadySeconds {
		updated := rs.DeepCopy()
		updated.Annotations = annotations
		updated.Spec.MinReadySeconds = r.d.Spec.MinReadySeconds
		if from, to := rs.Annotations[revisionAnnotation], annotations[revisionAnnotation]; from != to {
			r.plan.Update(updated, "its template is the wanted one: revision %s becomes %s", from, to)
		} else {
			r.plan.Update(updated, "take over the Deployment's annotations and minReadySeconds")
		}
		return true
	}
	r.setRevision(annotations[revisionAnnotation])
	if r.hasDeadline() && deploymentCondition(r.d.Status, appsv1.DeploymentProgressing) == nil {
		r.noteProgress(&r.d.Status, corev1.ConditionTrue, reasonFoundNewReplicaSet, fmt.Sprintf("Found new replica set %q", rs.Name))
	}
	return false
}

// createNewReplicaSet plans the ReplicaSet for the Deployment's template. It
// says no if that has to wait for another turn: the name is taken, or an
// earlier refusal has to be recorded first.
func (r *rollout) createNewReplicaSet() bool {
	hash := templateHash(&r.d.Spec.Template, r.d.Status.CollisionCount)
	rs := r.replicaSetFor(hash)
	if _, exists := reconcile.ReplicaSets.Get(r.view, reconcile.KeyOf(rs)); exists {
		// It would have been claimed if it were ours.
		r.plan.Observe("%s, with another template or owner: a hash collision", rs.Name)
		r.d.Status.CollisionCount = ptr.To(ptr.Deref(r.d.Status.CollisionCount, 0) + 1)
		return false
	}
	if namespaceTerminating(r.lastErr) || r.noteCreateError(rs.Name) {
		return false
	}
	size := *rs.Spec.Replicas
	r.plan.Create(rs, "no ReplicaSet has this template; %d of %d pods may start", size, r.replicas())
	if size > 0 {
		r.event(corev1.EventTypeNormal, "ScalingReplicaSet", fmt.Sprintf("Scaled up replica set %s from 0 to %d", rs.Name, size))
	}
	r.newRS = rs
	r.setRevision(rs.Annotations[revisionAnnotation])
	if r.hasDeadline() {
		r.noteProgress(&r.d.Status, corev1.ConditionTrue, reasonNewReplicaSet, fmt.Sprintf("Created new replica set %q", rs.Name))
	}
	return true
}

// replicaSetFor builds the new ReplicaSet. Its name follows from its template,
// so that creating it twice cannot succeed.
func (r *rollout) replicaSetFor(hash string) *appsv1.ReplicaSet {
	template := r.d.Spec.Template.DeepCopy()
	template.Labels = withHash(template.Labels, hash)
	rs := &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{
			Name:            replicaSetName(r.d.Name, hash),
			Namespace:       r.d.Namespace,
			Labels:          maps.Clone(template.Labels),
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(r.d, appsv1.SchemeGroupVersion.WithKind("Deployment"))},
		},
		Spec: appsv1.ReplicaSetSpec{
			Replicas:        ptr.To(r.newReplicas()),
			MinReadySeconds: r.d.Spec.MinReadySeconds,
			Selector:        selectorWithHash(r.d.Spec.Selector, hash),
			Template:        *template,
		},
	}
	rs.Annotations = r.annotationsFor(rs)
	annotateSizes(rs, r.d)
	return rs
}

// noteCreateError records that the API refused the new ReplicaSet, and says
// whether there is something new to record. The creation is tried again once
// the condition is there.
func (r *rollout) noteCreateError(name string) bool {
	if !refused(r.lastErr, "replicasets", "ReplicaSet") {
		return false
	}
	message := fmt.Sprintf("Failed to create new replica set %q: %v", name, apiError(r.lastErr))
	r.event(corev1.EventTypeWarning, reasonCreateError, message)
	return r.hasDeadline() && r.noteProgress(&r.d.Status, corev1.ConditionFalse, reasonCreateError, message)
}

// annotationsFor is what the new ReplicaSet's annotations should be: its own,
// the Deployment's, and a revision above all old ones. A revision that is not
// a number is left alone, and everything else with it.
func (r *rollout) annotationsFor(rs *appsv1.ReplicaSet) map[string]string {
	current, err := revision(rs)
	if err != nil {
		return rs.Annotations
	}
	annotations := map[string]string{}
	maps.Copy(annotations, rs.Annotations)
	for key, value := range r.d.Annotations {
		if !belongsToOneObject(key) {
			annotations[key] = value
		}
	}
	next := r.maxOldRevision() + 1
	if current >= next {
		return annotations
	}
	annotations[revisionAnnotation] = strconv.FormatInt(next, 10)
	if former, had := rs.Annotations[revisionAnnotation]; had {
		annotations[revisionHistoryAnnotation] = appendRevision(rs.Annotations[revisionHistoryAnnotation], former)
	}
	return annotations
}

// appendRevision adds a number to the list, dropping the first ones if it gets
// too long.
func appendRevision(history, former string) string {
	if history == "" {
		return former
	}
	extended := history + "," + former
	for len(extended) > revisionHistoryMax {
		_, rest, found := strings.Cut(extended, ",")
		if !found {
			return history
		}
		extended = rest
	}
	return extended
}

// belongsToOneObject names the annotations that a Deployment does not hand
// down.
func belongsToOneObject(annotation string) bool {
	switch annotation {
	case corev1.LastAppliedConfigAnnotation, revisionAnnotation, revisionHistoryAnnotation,
		desiredReplicasAnnotation, maxReplicasAnnotation, appsv1.DeprecatedRollbackTo:
		return true
	}
	return false
}

func (r *rollout) setRevision(revision string) {
	if r.d.Annotations == nil {
		r.d.Annotations = map[string]string{}
	}
	r.d.Annotations[revisionAnnotation] = revision
}

// maxOldRevision is the highest number that an old ReplicaSet has.
func (r *rollout) maxOldRevision() int64 {
	var highest int64
	for _, rs := range r.oldRSs {
		if n, err := revision(rs); err == nil {
			highest = max(highest, n)
		}
	}
	return highest
}

// revision is a ReplicaSet's number, zero if it has none yet.
func revision(rs *appsv1.ReplicaSet) (int64, error) {
	value, ok := rs.Annotations[revisionAnnotation]
	if !ok || value == "" {
		return 0, nil
	}
	return strconv.ParseInt(value, 10, 64)
}
