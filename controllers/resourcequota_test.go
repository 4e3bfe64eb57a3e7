package controllers

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/apiserver/quota"
	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/view/decisiontest"
)

func TestResourceQuota(t *testing.T) {
	resources := []schema.GroupResource{
		reconcile.Pods.GroupResource, reconcile.Services.GroupResource, reconcile.ConfigMaps.GroupResource,
		reconcile.Deployments.GroupResource, persistentVolumeClaims.GroupResource,
	}
	measure := func(v reconcile.View, q *corev1.ResourceQuota) (corev1.ResourceList, error) {
		w := quota.World{Now: v.Now(), List: func(gr schema.GroupResource, namespace string) []runtime.Object {
			var all []runtime.Object
			for _, o := range v.List(gr, reconcile.InNamespace(namespace)) {
				all = append(all, o)
			}
			return all
		}}
		return w.Usage(resources, q)
	}
	decisiontest.Run(t, "testdata/resourcequota", ResourceQuota(resources, measure))
}
