package policy

import (
	"errors"
	"fmt"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/apiserver/admission/match"
	"github.com/minik8s/minik8s/kinds"
)

// source is where the parameters of a policy are.
type source struct {
	kind       *admissionregistrationv1.ParamKind // nil: the policy has none
	version    schema.GroupVersion
	resource   schema.GroupResource
	namespaced bool
}

func (d *definition) source(r *match.Request) (source, error) {
	s := source{kind: d.paramKind}
	if s.kind == nil {
		return s, nil
	}
	gv, err := schema.ParseGroupVersion(s.kind.APIVersion)
	if err != nil {
		return s, fmt.Errorf("failed to parse paramKind APIVersion: %w", err)
	}
	gvk := gv.WithKind(s.kind.Kind)
	resource, namespaced, ok := r.Mapping(gvk.GroupKind(), gv.Version)
	if !ok {
		return s, fmt.Errorf("failed to find resource referenced by paramKind: '%v'", gvk)
	}
	s.version, s.resource, s.namespaced = gv, schema.GroupResource{Group: gv.Group, Resource: resource}, namespaced
	return s, nil
}

// collect finds the parameters that a binding refers to. One nil parameter
// stands for none being wanted.
//
// Upstream: k8s.io/apiserver/pkg/admission/plugin/policy/generic (CollectParams), with custom resources in the version that they are stored in.
func (s source) collect(r *match.Request, ref *admissionregistrationv1.ParamRef) ([]runtime.Object, error) {
	if s.kind == nil || ref == nil {
		return []runtime.Object{nil}, nil
	}
	namespace, err := s.namespaceOf(r, ref)
	if err != nil {
		return nil, err
	}
	var found []kinds.Object
	switch {
	case ref.Name != "" && ref.Selector != nil:
		return nil, errors.New("paramRef.name and paramRef.selector are mutually exclusive")
	case ref.Name != "":
		if o := r.Get(s.resource, namespace, ref.Name); o != nil {
			found = append(found, o)
		}
	case ref.Selector != nil:
		if found, err = s.selected(r, namespace, ref.Selector); err != nil {
			return nil, err
		}
	default:
		return nil, errors.New("one of name or selector must be provided")
	}
	if len(found) == 0 && ref.ParameterNotFoundAction != nil && *ref.ParameterNotFoundAction == admissionregistrationv1.DenyAction {
		return nil, errors.New("no params found for policy binding with `Deny` parameterNotFoundAction")
	}
	return s.shown(found)
}

func (s source) namespaceOf(r *match.Request, ref *admissionregistrationv1.ParamRef) (string, error) {
	switch {
	case !s.namespaced && ref.Namespace != "":
		return "", errors.New("paramRef.namespace must not be provided for a cluster-scoped `paramKind`")
	case !s.namespaced:
		return "", nil
	case ref.Namespace != "":
		return ref.Namespace, nil
	}
	if namespace := r.Record().GetNamespace(); namespace != "" {
		return namespace, nil
	}
	return "", errors.New("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources")
}

func (s source) selected(r *match.Request, namespace string, selector *metav1.LabelSelector) ([]kinds.Object, error) {
	want, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		return nil, err
	}
	var found []kinds.Object
	for o := range r.List(s.resource, namespace) {
		if want.Matches(labels.Set(o.GetLabels())) {
			found = append(found, o)
		}
	}
	return found, nil
}

// shown are parameters in the version that the policy names.
func (s source) shown(found []kinds.Object) ([]runtime.Object, error) {
	shown := make([]runtime.Object, len(found))
	for i, o := range found {
		shown[i] = o
		if _, custom := o.(*unstructured.Unstructured); custom {
			continue
		}
		converted, err := kinds.Convert(o, s.version)
		if err != nil {
			return nil, err
		}
		shown[i] = converted
	}
	return shown, nil
}

// named is a parameter that says of which kind it is, for expressions to read.
func named(param runtime.Object, kind *admissionregistrationv1.ParamKind) runtime.Object {
	if param == nil || !param.GetObjectKind().GroupVersionKind().Empty() {
		return param
	}
	param = param.DeepCopyObject()
	param.GetObjectKind().SetGroupVersionKind(schema.FromAPIVersionAndKind(kind.APIVersion, kind.Kind))
	return param
}
