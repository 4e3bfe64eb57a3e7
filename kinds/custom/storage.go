package custom

import (
	"fmt"
	"strconv"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/kinds"
)

// fromStorage shows a stored object as this version. An object that was
// stored before the definition last changed may lack defaults, or have fields
// that are gone; those are mended in what is shown, not in the store.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver (crdConversionRESTOptionsGetter), for requests: components of the simulator see objects as they are stored.
func (v *version) fromStorage(stored kinds.Object, definition int64) (kinds.Object, error) {
	u := stored.(*unstructured.Unstructured)
	if revisionOf(u) > definition {
		return v.inThisVersion(u)
	}
	from, ok := v.versions[u.GroupVersionKind().Version]
	if !ok {
		return nil, invalidVersion("from", u.GroupVersionKind().GroupVersion())
	}
	u = u.DeepCopy()
	if _, err := from.coerce(u, false); err != nil {
		return nil, err
	}
	from.applyDefaults(u)
	return v.inThisVersion(u)
}

// toStorage turns an object of this version into what is stored.
func (v *version) toStorage(obj kinds.Object) (kinds.Object, error) {
	return v.versions[v.storage].inThisVersion(obj.(*unstructured.Unstructured))
}

func (v *version) inThisVersion(u *unstructured.Unstructured) (kinds.Object, error) {
	if u.GroupVersionKind().GroupVersion() == v.groupVersion() {
		return u, nil
	}
	return v.convert(u, v.groupVersion())
}

// convert returns a copy of an object in another version.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver/conversion (crConverter), complete.
func (v *version) convert(u *unstructured.Unstructured, to schema.GroupVersion) (*unstructured.Unstructured, error) {
	from := u.GroupVersionKind().GroupVersion()
	target, ok := v.versions[to.Version]
	if !ok || to.Group != v.crd.Spec.Group {
		return nil, invalidVersion("to", to)
	}
	if _, ok := v.versions[from.Version]; !ok || from.Group != v.crd.Spec.Group {
		return nil, invalidVersion("from", from)
	}
	out := u.DeepCopy()
	if from == to {
		return out, nil
	}
	if v.crd.Spec.Conversion == nil || v.crd.Spec.Conversion.Strategy == apiextensionsv1.NoneConverter {
		out.SetAPIVersion(to.String())
	} else {
		var err error
		if out, err = v.askWebhook(out, to); err != nil {
			return nil, err
		}
	}
	_, err := target.coerce(out, false)
	return out, err
}

func (v *version) askWebhook(u *unstructured.Unstructured, to schema.GroupVersion) (*unstructured.Unstructured, error) {
	if v.webhook == nil {
		return nil, fmt.Errorf("conversion webhook for %v failed: conversion webhooks are not asked here", u.GroupVersionKind())
	}
	return v.webhook(v.crd, u, to)
}

func invalidVersion(preposition string, gv schema.GroupVersion) error {
	return fmt.Errorf("request to convert CR %s an invalid group/version: %s", preposition, gv)
}

// applyDefaults fills in the defaults of the object's own version.
func (v *version) applyDefaults(obj kinds.Object) {
	u := obj.(*unstructured.Unstructured)
	defaulting.Default(u.Object, v.schema())
}

// revisionOf is the revision of an object's last write, or zero.
func revisionOf(obj metav1.Object) int64 {
	n, err := strconv.ParseInt(obj.GetResourceVersion(), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
