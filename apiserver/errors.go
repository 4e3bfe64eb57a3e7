package apiserver

import (
	"errors"
	"fmt"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/minik8s/minik8s/apiserver/outside"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

// Why an update is refused whose resourceVersion is not the current one.
var errModified = errors.New("the object has been modified; please apply your changes to the latest version and try again")

// asStatus is the one place where errors become what the API answers.
func (c *call) asStatus(err error) error {
	var status *apierrors.StatusError
	var revision *store.RevisionError
	var questions outside.Questions
	switch {
	case errors.As(err, &questions):
		return questions
	case errors.As(err, &status):
		return status
	case errors.As(err, &revision):
		return revisionStatus(revision)
	case errors.Is(err, store.ErrNotFound):
		return c.notFound()
	case errors.Is(err, store.ErrExists):
		return apierrors.NewAlreadyExists(c.named(), c.req.Name)
	case errors.Is(err, store.ErrConflict):
		return c.conflict(errModified)
	}
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status:  metav1.StatusFailure,
		Code:    http.StatusInternalServerError,
		Reason:  metav1.StatusReasonUnknown,
		Message: err.Error(),
	}}
}

func revisionStatus(err *store.RevisionError) *apierrors.StatusError {
	if errors.Is(err, store.ErrFuture) {
		status := apierrors.NewTimeoutError(fmt.Sprintf("Too large resource version: %d, current: %d", err.Revision, err.Newest), 1)
		status.ErrStatus.Details.Causes = []metav1.StatusCause{{
			Type:    metav1.CauseTypeResourceVersionTooLarge,
			Message: "Too large resource version",
		}}
		return status
	}
	return apierrors.NewResourceExpired("The resourceVersion for the provided list is too old.")
}

// named is the resource as errors call it: as the path does, also where that is
// another name for it.
func (c *call) named() schema.GroupResource {
	if c.AliasRules == nil {
		return c.GroupResource
	}
	return schema.GroupResource{Group: c.req.Resource.Group, Resource: c.GroupResource.Resource}
}

func (c *call) notFound() error { return apierrors.NewNotFound(c.named(), c.req.Name) }

func (c *call) conflict(why error) error {
	return apierrors.NewConflict(c.named(), c.req.Name, why)
}

func (c *call) forbidden(name string, why error) *apierrors.StatusError {
	return apierrors.NewForbidden(c.named(), name, why)
}

func (c *call) invalid(name string, errs field.ErrorList) error {
	return apierrors.NewInvalid(c.GroupKind(), name, errs)
}

// invalidObject is about the kind that a custom resource says it is, which may
// be what is wrong with it.
func (c *call) invalidObject(obj kinds.Object, errs field.ErrorList) error {
	kind := c.GroupKind()
	if c.Custom != nil {
		kind = obj.GetObjectKind().GroupVersionKind().GroupKind()
	}
	if len(errs) == 1 && kinds.IsUnreadable(errs[0]) {
		return apierrors.NewBadRequest(fmt.Sprintf("%s in version %q cannot be handled as a %s: %s", kind.Kind, c.requested().Version, kind.Kind, errs[0].Detail))
	}
	return apierrors.NewInvalid(kind, obj.GetName(), errs)
}

func (c *call) methodNotSupported() error {
	return apierrors.NewMethodNotSupported(c.named(), string(c.req.Verb))
}

func (c *call) wrongBody(in runtime.Object) error {
	return apierrors.NewBadRequest(fmt.Sprintf("the object provided is unrecognized (must be of type %s): got %T", c.GroupVersionKind.Kind, in))
}

// noSuchResource is what a client sees after a 404 for a path.
func noSuchResource(req *Request) error {
	gr := schema.GroupResource{Group: req.Resource.Group, Resource: req.Resource.Resource}
	return apierrors.NewGenericServerResponse(http.StatusNotFound, string(req.Verb), gr, req.Name, "", 0, true)
}
