package apiserver

import (
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/kinds"
)

// namespaceLifecycle refuses new objects in a namespace that is missing or on
// its way out, and keeps the system's own namespaces.
func namespaceLifecycle(c *call, op operation, obj, _ kinds.Object) error {
	if c.GroupResource == namespaces {
		if op == admitDelete && isImmortal(c.req.Name) {
			return c.forbidden(c.req.Name, errors.New("this namespace may not be deleted"))
		}
		return nil
	}
	if op != admitCreate || c.req.Namespace == "" {
		return nil
	}
	stored := c.tx.Get(namespaces, "", c.req.Namespace)
	if stored == nil {
		return apierrors.NewNotFound(namespaces, c.req.Namespace)
	}
	ns := stored.Value.(*corev1.Namespace)
	if ns.Status.Phase != corev1.NamespaceTerminating {
		return nil
	}
	err := c.refuse(obj, fmt.Errorf("unable to create new content in namespace %s because it is being terminated", ns.Name))
	err.ErrStatus.Details.Causes = append(err.ErrStatus.Details.Causes, metav1.StatusCause{
		Type:    corev1.NamespaceTerminatingCause,
		Message: fmt.Sprintf("namespace %s is being terminated", ns.Name),
		Field:   "metadata.namespace",
	})
	return err
}

func isImmortal(namespace string) bool {
	switch namespace {
	case metav1.NamespaceDefault, metav1.NamespaceSystem, metav1.NamespacePublic:
		return true
	}
	return false
}
