package custom

import (
	"fmt"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/kinds"
)

// conversion leads from and to a version of a definition.
type conversion struct {
	*version
	definition int64 // the revision of the definition
	// webhook is nil where webhooks cannot be asked.
	webhook kinds.WebhookConverter
}

func (v *version) newConversion(definition int64, webhook kinds.WebhookConverter) *conversion {
	return &conversion{v, definition, webhook}
}

// into makes the conversion that of a kind.
func (c *conversion) into(k *kinds.Custom) {
	k.FromStorage, k.ToStorage, k.Convert = c.fromStorage, c.toStorage, c.convert
}

func (c *compiled) asksWebhook() bool {
	return c.crd.Spec.Conversion != nil && c.crd.Spec.Conversion.Strategy == apiextensionsv1.WebhookConverter
}

// convert returns a copy of an object in another version.
func (c *conversion) convert(u *unstructured.Unstructured, to schema.GroupVersion) (*unstructured.Unstructured, error) {
	all, err := c.inVersion(to, u)
	if err != nil {
		return nil, err
	}
	if all[0] == u {
		return u.DeepCopy(), nil
	}
	return all[0], nil
}

// inVersion returns objects in a version: those that are not of it yet as
// copies. A webhook is asked for all of them at once.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver/conversion (crConverter), complete; the objects of a list make one ConversionReview.
func (c *conversion) inVersion(to schema.GroupVersion, objects ...*unstructured.Unstructured) ([]*unstructured.Unstructured, error) {
	target, ok := c.versions[to.Version]
	if !ok || to.Group != c.crd.Spec.Group {
		return nil, invalidVersion("to", to)
	}
	all := make([]*unstructured.Unstructured, len(objects))
	var others []int // indices of those that need a webhook
	for i, u := range objects {
		from := u.GroupVersionKind().GroupVersion()
		if _, ok := c.versions[from.Version]; !ok || from.Group != c.crd.Spec.Group {
			return nil, invalidVersion("from", from)
		}
		switch {
		case from == to:
			all[i] = u
		case !c.asksWebhook() || isEmpty(u):
			all[i] = u.DeepCopy()
			all[i].SetAPIVersion(to.String())
		default:
			others = append(others, i)
		}
	}
	if err := c.askWebhook(all, objects, others, to); err != nil {
		return nil, err
	}
	for i, u := range all {
		if u == objects[i] {
			continue
		}
		if _, err := target.coerce(u, false); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// askWebhook puts what the webhook makes of some of the objects into all.
func (c *conversion) askWebhook(all, objects []*unstructured.Unstructured, some []int, to schema.GroupVersion) error {
	if len(some) == 0 {
		return nil
	}
	asked := make([]*unstructured.Unstructured, len(some))
	for n, i := range some {
		asked[n] = objects[i]
	}
	if c.webhook == nil {
		return fmt.Errorf("conversion webhook for %v failed: conversion webhooks are not asked here", asked[0].GroupVersionKind())
	}
	converted, err := c.webhook(c.crd, asked, to)
	if err != nil {
		return err
	}
	for n, i := range some {
		all[i] = converted[n]
	}
	return nil
}

// isEmpty says that there is nothing in an object but what it is, which no
// webhook is bothered with.
func isEmpty(u *unstructured.Unstructured) bool {
	_, hasKind := u.Object["kind"]
	_, hasVersion := u.Object["apiVersion"]
	return len(u.Object) == 2 && hasKind && hasVersion
}

func invalidVersion(preposition string, gv schema.GroupVersion) error {
	return fmt.Errorf("request to convert CR %s an invalid group/version: %s", preposition, gv)
}
