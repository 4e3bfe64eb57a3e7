package minik8s

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/kinds"
)

// Apply creates the objects of a manifest (YAML or JSON, several documents
// allowed), or changes those that exist into what it says, as `kubectl apply`
// does for fields that a manifest sets. Fields that an earlier manifest set and
// this one leaves out stay. It stops at the first error, which names the object.
func (c *Cluster) Apply(manifests string) error {
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(manifests), 4096)
	for n := 1; ; n++ {
		var o unstructured.Unstructured
		err := decoder.Decode(&o.Object)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("document %d of the manifest: %w", n, err)
		}
		if len(o.Object) == 0 {
			continue
		}
		if err := c.applyOne(&o); err != nil {
			return fmt.Errorf("apply %s %q: %w", o.GetKind(), o.GetName(), err)
		}
	}
}

func (c *Cluster) applyOne(o *unstructured.Unstructured) error {
	gvk := o.GroupVersionKind()
	kind, ok := c.Kinds().ByKind(gvk.GroupKind())
	if !ok || kind.Internal {
		return fmt.Errorf("no kind %q in %q", gvk.Kind, o.GetAPIVersion())
	}
	if kind.Namespaced && o.GetNamespace() == "" {
		o.SetNamespace(metav1.NamespaceDefault)
	}
	body, err := json.Marshal(o)
	if err != nil {
		return err
	}
	decode, patchType := kinds.Codecs().UniversalDeserializer(), types.StrategicMergePatchType
	if kind.Custom != nil {
		decode, patchType = unstructured.UnstructuredJSONScheme, types.MergePatchType
	}
	typed, err := runtime.Decode(decode, body)
	if err != nil {
		return err
	}
	r := apiserver.Request{
		Resource: gvk.GroupVersion().WithResource(kind.Resource), Namespace: o.GetNamespace(), User: admin, UserAgent: "minik8s",
	}
	r.Origin.Reason = fmt.Sprintf("apply %s %s", kind.Resource, o.GetName())

	get := r
	get.Verb, get.Name = apiserver.Get, o.GetName()
	if _, err := c.Do(get); err == nil {
		r.Verb, r.Name, r.Patch, r.PatchType = apiserver.Patch, o.GetName(), body, patchType
	} else if apierrors.IsNotFound(err) {
		r.Verb, r.Object = apiserver.Create, typed
	} else {
		return err
	}
	_, err = c.Do(r)
	return err
}
