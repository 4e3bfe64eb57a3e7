package controllers

import (
	"fmt"
	"hash/fnv"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/rand"

	"github.com/minik8s/minik8s/reconcile"
)

// burstReplicas is how many Pods one turn creates or deletes at most.
const burstReplicas = 500

// manageReplicas plans the creation of missing Pods or the deletion of
// surplus ones.
//
// Upstream: pkg/controller/replicaset (manageReplicas, slowStartBatch), without batches that double: a plan's calls run one after the other and stop at the first that fails, which is what slow start is for.
func manageReplicas(v reconcile.View, plan *reconcile.Plan, rs replicated, active []*corev1.Pod) {
	surplus := len(active) - int(*rs.Spec.Replicas)
	why := fmt.Sprintf("have %d of %d pods", len(active), *rs.Spec.Replicas)
	switch {
	case surplus < 0:
		createPods(v, plan, rs, min(-surplus, burstReplicas), why)
	case surplus > 0:
		deletePods(v, plan, rs, active, min(surplus, burstReplicas), why)
	}
}

func createPods(v reconcile.View, plan *reconcile.Plan, rs replicated, n int, why string) {
	ref := *metav1.NewControllerRef(rs, rs.kind)
	names := podNames(v, rs, n)
	for _, name := range names {
		pod := podFromTemplate(&rs.Spec.Template, rs, ref)
		pod.Name = name
		plan.Create(pod, why)
		plan.Event(rs.stored, corev1.EventTypeNormal, "SuccessfulCreate", "Created pod: "+name)
	}
}

func deletePods(v reconcile.View, plan *reconcile.Plan, rs replicated, active []*corev1.Pod, n int, why string) {
	for _, victim := range podsToDelete(v, rs, active, n) {
		plan.Delete(victim.pod, why+victim.because)
		plan.Event(rs.stored, corev1.EventTypeNormal, "SuccessfulDelete", "Deleted pod: "+victim.pod.Name)
	}
}

const (
	podNameSuffix    = 5                  // letters after generateName
	podNamePrefixMax = 63 - podNameSuffix // a Pod's name must fit a host name
	safeAlphabet     = 27                 // letters that rand.SafeEncodeString uses
)

// podNames makes up n names that are free in this view. The suffixes look
// random but follow from the ReplicaSet, its version and the time, so a run
// can be repeated and a recreated Pod is named differently.
//
// Upstream: apiserver/pkg/storage/names (SimpleNameGenerator), moved from the API server to the ReplicaSet, because the event "Created pod: NAME" is planned before the API has seen the Pod.
func podNames(v reconcile.View, rs replicated, n int) []string {
	prefix := rs.Name + "-"
	prefix = prefix[:min(len(prefix), podNamePrefixMax)]
	seed := fmt.Sprintf("/%s/%s/%d", rs.UID, rs.ResourceVersion, v.Now().UnixNano())

	names := make([]string, 0, n)
	taken := make(map[string]bool, n)
	for slot := 0; len(names) < n; slot++ {
		name := prefix + safeSuffix(slot, seed)
		if _, exists := reconcile.Pods.Get(v, reconcile.Key{Namespace: rs.Namespace, Name: name}); exists || taken[name] {
			continue
		}
		taken[name] = true
		names = append(names, name)
	}
	return names
}

// safeSuffix hashes a slot and a seed to letters that form no words.
func safeSuffix(slot int, seed string) string {
	hash := fnv.New64a()
	fmt.Fprint(hash, slot, seed)
	sum := hash.Sum64()
	var letters [podNameSuffix]byte
	for i := range letters {
		letters[i] = byte(sum % safeAlphabet)
		sum /= safeAlphabet
	}
	return rand.SafeEncodeString(string(letters[:]))
}
