package apiserver

import (
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

// components are the parts of a control plane that upstream asks for their
// health, in the order of their names.
var components = []string{"controller-manager", "etcd-0", "scheduler"}

func (c *call) getComponentStatus(*store.Snapshot) (kinds.Object, error) {
	for _, name := range components {
		if name == c.req.Name {
			return c.componentStatus(name), nil
		}
	}
	return nil, apierrors.NewNotFound(schema.GroupResource{Resource: "componentstatus"}, c.req.Name)
}

func (c *call) listComponentStatuses(*store.Snapshot) ([]kinds.Object, error) {
	var all []kinds.Object
	for _, name := range components {
		all = append(all, c.componentStatus(name))
	}
	return all, nil
}

func (c *call) componentStatus(name string) *corev1.ComponentStatus {
	return &corev1.ComponentStatus{
		TypeMeta:   metav1.TypeMeta{Kind: c.GroupVersionKind.Kind, APIVersion: c.GroupVersion().String()},
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Conditions: []corev1.ComponentCondition{{Type: corev1.ComponentHealthy, Status: corev1.ConditionTrue, Message: "ok"}},
	}
}
