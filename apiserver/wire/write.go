package wire

import (
	"fmt"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/kinds"
)

func (x *exchange) create() error {
	rep, err := x.represent(x.r, x.endpoint)
	if err != nil {
		return err
	}
	reader, err := x.reader()
	if err != nil {
		return err
	}
	body, err := readBody(x.r)
	if err != nil {
		return err
	}
	options, err := createOptions(x.r)
	if err != nil {
		return err
	}
	obj, source, err := x.readObject(reader, body, fieldValidation(options.FieldValidation))
	if err != nil {
		return err
	}
	req := x.request(apiserver.Create)
	req.CreateOptions = options
	if req.Object, err = x.toStored(obj); err != nil {
		return err
	}
	if req.Object == obj {
		req.Source = source
	}
	if err := namespaceMatches(obj, req.Namespace); err != nil {
		return err
	}
	res, err := x.do(req)
	if err != nil {
		return err
	}
	if status, ok := res.Object.(*metav1.Status); ok && status.Code == 0 {
		status = status.DeepCopy()
		status.Code = http.StatusCreated
		res.Object = status
	}
	return x.answer(rep, http.StatusCreated, res)
}

func (x *exchange) update() error {
	rep, err := x.represent(x.r, x.endpoint)
	if err != nil {
		return err
	}
	body, err := readBody(x.r)
	if err != nil {
		return err
	}
	options, err := updateOptions(x.r)
	if err != nil {
		return err
	}
	reader, err := x.reader()
	if err != nil {
		return err
	}
	obj, source, err := x.readObject(reader, body, fieldValidation(options.FieldValidation))
	if err != nil {
		return err
	}
	req := x.request(apiserver.Update)
	req.UpdateOptions = options
	if err := namespaceMatches(obj, req.Namespace); err != nil {
		return err
	}
	if err := nameMatches(obj, req.Name); err != nil {
		return err
	}
	if err := checkSegment(req.Name); err != nil {
		return err
	}
	if req.Object, err = x.toStored(obj); err != nil {
		return err
	}
	if req.Object == obj {
		req.Source = source
	}
	res, err := x.do(req)
	if err != nil {
		return err
	}
	return x.answer(rep, okOrCreated(res), res)
}

// patch hands the patch on as it came: it is applied to the newest object, in
// the version of its path, under the door's own rules.
func (x *exchange) patch() error {
	patchType, err := x.endpoint.patchType(x.r)
	if err != nil {
		return err
	}
	rep, err := x.represent(x.r, x.endpoint)
	if err != nil {
		return err
	}
	req := x.request(apiserver.Patch)
	req.PatchType = patchType
	if req.Patch, err = readBody(x.r); err != nil {
		return err
	}
	if req.PatchOptions, err = patchOptions(x.r, patchType); err != nil {
		return err
	}
	res, err := x.do(req)
	if err != nil {
		return err
	}
	return x.answer(rep, okOrCreated(res), res)
}

func (x *exchange) delete() error {
	rep, err := x.represent(x.r, x.endpoint)
	if err != nil {
		return err
	}
	req := x.request(apiserver.Delete)
	if req.DeleteOptions, err = deleteOptions(x.r); err != nil {
		return err
	}
	res, err := x.do(req)
	if err != nil {
		return err
	}
	code := http.StatusOK
	// Old clients still send it
	if orphan := req.DeleteOptions.OrphanDependents; !res.Removed && orphan != nil && !*orphan {
		code = http.StatusAccepted
	}
	return x.answer(rep, code, res)
}

func (x *exchange) deleteCollection() error {
	rep, err := x.represent(x.r, x.endpoint)
	if err != nil {
		return err
	}
	req := x.request(apiserver.DeleteCollection)
	if req.ListOptions, err = listOptions(x.r); err != nil {
		return err
	}
	if req.ListOptions.Watch { // which says nothing here, but has set defaults
		req.ListOptions.Watch, req.ListOptions.SendInitialEvents, req.ListOptions.ResourceVersionMatch = false, nil, ""
	}
	if req.DeleteOptions, err = deleteOptions(x.r); err != nil {
		return err
	}
	if err := invalidOptions("DeleteOptions", unsafeDeletion(req.DeleteOptions)); err != nil {
		return err
	}
	res, err := x.do(req)
	if err != nil {
		return err
	}
	return rep.writeList(x.w, x.r, res.Items, listMeta(res))
}

// unsafeDeletion is refused for collections.
func unsafeDeletion(o *metav1.DeleteOptions) field.ErrorList {
	if !ptr.Deref(o.IgnoreStoreReadErrorWithClusterBreakingPotential, false) {
		return nil
	}
	return field.ErrorList{field.Invalid(field.NewPath("ignoreStoreReadErrorWithClusterBreakingPotential"), true, "is not allowed with DELETECOLLECTION, try again after removing the option")}
}

// toStored converts the body of a request to a lent group, or in a version
// that is only accepted, both of which the door does not know. All other bodies
// are left to the door.
func (x *exchange) toStored(obj runtime.Object) (runtime.Object, error) {
	to := x.endpoint.kind.GroupVersion()
	switch {
	case len(x.endpoint.accepts) > 0:
		to = x.endpoint.body.GroupVersion()
	case !x.endpoint.alias() || x.endpoint.subresource != "":
		return obj, nil
	}
	kinds.Scheme().Default(obj)
	stored, err := kinds.Convert(obj, to)
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	return stored, nil
}

// namespaceMatches refuses an object that says it is elsewhere than its path.
func namespaceMatches(obj runtime.Object, namespace string) error {
	m, err := meta.Accessor(obj)
	if err != nil || m.GetNamespace() == "" || m.GetNamespace() == namespace {
		return nil
	}
	if namespace == "" {
		return nil // cluster-scoped: the door drops it
	}
	return apierrors.NewBadRequest("the namespace of the provided object does not match the namespace sent on the request")
}

// nameMatches refuses an object that has another name than its path.
func nameMatches(obj runtime.Object, name string) error {
	m, err := meta.Accessor(obj)
	if err != nil {
		return apierrors.NewBadRequest(fmt.Sprintf("the name of the object (%s based on URL) was undeterminable: %v", name, err))
	}
	if m.GetName() == "" {
		return apierrors.NewBadRequest(fmt.Sprintf("the name of the object (%s based on URL) was undeterminable: name must be provided", name))
	}
	if m.GetName() != name {
		return apierrors.NewBadRequest(fmt.Sprintf("the name of the object (%s) does not match the name on the URL (%s)", m.GetName(), name))
	}
	return nil
}

func okOrCreated(res apiserver.Response) int {
	if res.Created {
		return http.StatusCreated
	}
	return http.StatusOK
}
