package decisiontest

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/ptr"
	apiyaml "sigs.k8s.io/yaml"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/reconcile/nodelocal"
	"github.com/minik8s/minik8s/store"
	"github.com/minik8s/minik8s/view"
)

// world is a store that tests fill by hand: no admission, no defaults.
type world struct {
	t     *testing.T // of the command at hand
	store *store.Store
	now   time.Time
}

// epoch is when a world begins if the test does not say.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func newWorld() *world { return &world{store: store.New(), now: epoch} }

func (w *world) view() reconcile.View { return view.New(w.store.Snapshot(), w.now) }

func (w *world) add(documents string) error {
	reader := yaml.NewYAMLReader(newReader(documents))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if strings.TrimSpace(string(document)) == "" {
			continue
		}
		if err := w.addOne(document); err != nil {
			return err
		}
	}
}

func (w *world) addOne(document []byte) error {
	o, gvk, err := decode(document)
	if err != nil {
		return err
	}
	if o.GetUID() == "" {
		o.SetUID(types.UID(strings.ToLower(gvk.Kind) + "-" + o.GetName()))
	}
	row := &store.Object{Resource: resourceOf(*gvk), Namespace: o.GetNamespace(), Name: o.GetName(), Value: o}
	for _, ref := range o.GetOwnerReferences() {
		row.Owners = append(row.Owners, string(ref.UID))
	}
	row.Node = nodeOf(o)
	return w.store.Write(func(tx *store.Tx) error {
		if o.GetResourceVersion() == "" {
			o.SetResourceVersion(strconv.FormatInt(tx.Revision(), 10))
		}
		return tx.Put(row, store.AnyRevision, store.Origin{Reason: "given"})
	})
}

// decode reads an object as it is stored: without its kind, if its Go type says
// that. What no Go type is known for is a custom resource.
func decode(document []byte) (reconcile.Object, *schema.GroupVersionKind, error) {
	decoded, gvk, err := serializer.NewCodecFactory(scheme(), serializer.EnableStrict).UniversalDeserializer().Decode(document, nil, nil)
	if runtime.IsNotRegisteredError(err) {
		u := &unstructured.Unstructured{}
		err = apiyaml.Unmarshal(document, u)
		return u, ptr.To(u.GroupVersionKind()), err
	}
	if err != nil {
		return nil, nil, err
	}
	o, ok := decoded.(reconcile.Object)
	if !ok {
		return nil, nil, fmt.Errorf("%s is not an object", gvk.Kind)
	}
	o.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{})
	return o, gvk, nil
}

func (w *world) remove(resource string, k reconcile.Key) error {
	return w.store.Write(func(tx *store.Tx) error {
		return tx.Delete(groupResource(resource), k.Namespace, k.Name, store.AnyRevision, store.Origin{Reason: "removed"})
	})
}

// scheme knows the built-in kinds, definitions of others and the simulator's
// own.
func scheme() *runtime.Scheme {
	s := runtime.NewScheme()
	if err := clientscheme.AddToScheme(s); err != nil {
		panic(err)
	}
	s.AddKnownTypes(apiextensionsv1.SchemeGroupVersion, &apiextensionsv1.CustomResourceDefinition{})
	s.AddKnownTypes(nodelocal.GroupVersion, &nodelocal.Machine{}, &nodelocal.Sandbox{}, &nodelocal.ProxyRules{})
	return s
}

func resourceOf(gvk schema.GroupVersionKind) schema.GroupResource {
	switch gvk.Kind { // whose plurals cannot be guessed
	case "ProxyRules":
		return reconcile.ProxyRules.GroupResource
	case "Sandbox":
		return reconcile.Sandboxes.GroupResource
	}
	plural, _ := meta.UnsafeGuessKindToResource(gvk)
	return plural.GroupResource()
}

// groupResource reads "deployments.apps" or "pods".
func groupResource(s string) schema.GroupResource { return schema.ParseGroupResource(s) }
