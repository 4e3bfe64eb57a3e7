package admission

import (
	"errors"
	"fmt"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// namespaceLifecycle refuses new objects in a namespace that is missing or on
// its way out, and keeps the system's own namespaces.
//
// Upstream: k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle, without its caches and waits: the namespace is there or it is not.
func namespaceLifecycle() Plugin {
	return Plugin{Name: "NamespaceLifecycle", Admit: func(a *Attributes) error {
		if a.Resource.Group == "" && a.Resource.Resource == namespaces.Resource {
			if a.Operation == Delete && isImmortal(a.Name) {
				return a.Forbidden(errors.New("this namespace may not be deleted"))
			}
			return nil
		}
		if a.Operation != Create || a.Namespace == "" || a.isAccessReview() {
			return nil
		}
		return a.checkNamespace()
	}}
}

func (a *Attributes) checkNamespace() error {
	ns, ok := a.Get(namespaces, "", a.Namespace).(*corev1.Namespace)
	if !ok {
		return apierrors.NewNotFound(namespaces, a.Namespace)
	}
	if ns.Status.Phase != corev1.NamespaceTerminating {
		return nil
	}
	err := a.Forbidden(fmt.Errorf("unable to create new content in namespace %s because it is being terminated", ns.Name))
	var status *apierrors.StatusError
	if errors.As(err, &status) {
		status.ErrStatus.Details.Causes = append(status.ErrStatus.Details.Causes, metav1.StatusCause{
			Type:    corev1.NamespaceTerminatingCause,
			Message: fmt.Sprintf("namespace %s is being terminated", ns.Name),
			Field:   "metadata.namespace",
		})
	}
	return err
}

// isAccessReview: what one may do in a namespace says nothing of whether it is
// there.
func (a *Attributes) isAccessReview() bool {
	return a.Resource.Resource == "localsubjectaccessreviews" && a.Resource.Group == authorizationv1.GroupName
}

func isImmortal(namespace string) bool {
	switch namespace {
	case metav1.NamespaceDefault, metav1.NamespaceSystem, metav1.NamespacePublic:
		return true
	}
	return false
}
