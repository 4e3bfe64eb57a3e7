package controllers

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"maps"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/utils/dump"
)

// templateHash is the value of the pod-template-hash label, the same one that
// upstream of this version gives a template: FNV-32a over a dump of it and, if
// there have been collisions, their number.
func templateHash(template *corev1.PodTemplateSpec, collisions *int32) string {
	hash := fnv.New32a()
	fmt.Fprint(hash, dump.ForHash(*template))
	if collisions != nil {
		var count [8]byte // four of them stay empty, as upstream's do
		binary.LittleEndian.PutUint32(count[:], uint32(*collisions))
		hash.Write(count[:])
	}
	return rand.SafeEncodeString(fmt.Sprint(hash.Sum32()))
}

// replicaSetName is the Deployment's name and the hash, shortened if needed.
func replicaSetName(deployment, hash string) string {
	room := validation.DNS1123SubdomainMaxLength - len("-") - len(hash)
	return deployment[:min(len(deployment), room)] + "-" + hash
}

// equalIgnoringHash compares templates without their pod-template-hash label:
// a Deployment's own template has none, and old ones may have been hashed
// differently.
func equalIgnoringHash(a, b *corev1.PodTemplateSpec) bool {
	return equality.Semantic.DeepEqual(withoutHash(a), withoutHash(b))
}

func withoutHash(template *corev1.PodTemplateSpec) *corev1.PodTemplateSpec {
	if _, hashed := template.Labels[appsv1.DefaultDeploymentUniqueLabelKey]; !hashed {
		return template
	}
	plain := *template
	plain.Labels = maps.Clone(template.Labels)
	delete(plain.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
	return &plain
}

// withHash adds the pod-template-hash label to a copy of the labels.
func withHash(labels map[string]string, hash string) map[string]string {
	hashed := map[string]string{appsv1.DefaultDeploymentUniqueLabelKey: hash}
	for key, value := range labels {
		if key != appsv1.DefaultDeploymentUniqueLabelKey {
			hashed[key] = value
		}
	}
	return hashed
}

// selectorWithHash is the selector narrowed to one revision's Pods.
func selectorWithHash(selector *metav1.LabelSelector, hash string) *metav1.LabelSelector {
	narrowed := selector.DeepCopy()
	narrowed.MatchLabels = withHash(selector.MatchLabels, hash)
	return narrowed
}
