package admission

import (
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Forbidden is the error of a plugin that refuses the request: a 403 that
// names the object, as far as it has a name yet. An error that is a 403
// already stays as it is.
//
// Upstream: k8s.io/apiserver/pkg/admission (NewForbidden).
func (a *Attributes) Forbidden(why error) error {
	if apierrors.IsForbidden(why) {
		return why
	}
	return apierrors.NewForbidden(a.Resource.GroupResource(), a.nameSoFar(), why)
}

func (a *Attributes) nameSoFar() string {
	if a.Name != "" {
		return a.Name
	}
	if a.Object == nil {
		return "Unknown"
	}
	obj, ok := a.Object.(metav1.Object)
	switch {
	case !ok:
		return "Unknown/errorGettingName"
	case obj.GetName() != "":
		return obj.GetName()
	case obj.GetGenerateName() != "":
		return obj.GetGenerateName()
	}
	return "Unknown"
}
