package apiserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	goruntime "runtime"
	"strings"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	jsonserializer "k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/mergepatch"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/apimachinery/pkg/util/validation/field"
	kjson "sigs.k8s.io/json"

	"github.com/minik8s/minik8s/kinds"
)

// patcher is a patch that was read and can be applied. Objects are turned
// into JSON, or what JSON decodes to, only here.
type patcher struct {
	body []byte
	// directive is the fieldValidation option: what to do about fields that
	// the type does not have, or that are there twice.
	directive string
	// strict are such problems of the patch itself; warnings what is to be
	// said about them.
	strict   []error
	warnings []string
	// shown is what an error shows of the patch: for most, the patched object.
	shown func() string

	// coerce, for a custom resource, drops what its schema does not have, and
	// names it.
	coerce func(u *unstructured.Unstructured, report bool) (dropped []string, err error)
	// readBody reads the patch, and sets merge.
	readBody func() error
	// merge makes the patched object from the current one.
	merge func(current, into runtime.Object) (patched runtime.Object, strict []error, err error)
}

func (p *patcher) isStrict() bool {
	return p.directive == metav1.FieldValidationStrict || p.directive == metav1.FieldValidationWarn
}

// apply returns the patched object. The current one is frozen.
func (p *patcher) apply(current runtime.Object) (runtime.Object, error) {
	if err := p.readBody(); err != nil {
		return nil, err
	}
	into := reflect.New(reflect.TypeOf(current).Elem()).Interface().(runtime.Object)
	patched, strict, err := p.merge(current, into)
	if err != nil {
		return nil, err
	}
	problems := append(p.strict, strict...)
	if len(problems) == 0 || !p.isStrict() {
		return patched, nil
	}
	if p.directive == metav1.FieldValidationWarn {
		for _, problem := range problems {
			p.warnings = append(p.warnings, problem.Error())
		}
		return patched, nil
	}
	return nil, invalidPatch(p.shown(), runtime.NewStrictDecodingError(problems))
}

func invalidPatch(value string, err error) error {
	return apierrors.NewInvalid(schema.GroupKind{}, "", field.ErrorList{field.Invalid(field.NewPath("patch"), value, err.Error())})
}

func unprocessable(err error) error {
	return apierrors.NewGenericServerResponse(http.StatusUnprocessableEntity, "", schema.GroupResource{}, "", err.Error(), 0, false)
}

// read decodes the patch's own JSON, noting fields that are there twice.
func (p *patcher) read(into any) error {
	strict, err := kjson.UnmarshalStrict(p.body, into)
	if err != nil {
		return apierrors.NewBadRequest("error decoding patch: " + strings.ReplaceAll(err.Error(), "apiserver.jsonPatchOp", "handlers.jsonPatchOp"))
	}
	p.strict = strict
	return nil
}

// jsonPatchOp is one operation. Its name is in error messages.
type jsonPatchOp struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	From  string `json:"from"`
	Value any    `json:"value"`
}

func (p *patcher) readJSONPatch() error {
	if p.isStrict() {
		if err := p.read(&[]jsonPatchOp{}); err != nil {
			return err
		}
		for i, problem := range p.strict {
			p.strict[i] = fmt.Errorf("json patch %w", problem)
		}
	}
	patch, err := jsonpatch.DecodePatch(p.body)
	if err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	if len(patch) > maxJSONPatchOperations {
		return apierrors.NewRequestEntityTooLargeError(fmt.Sprintf("The allowed maximum operations in a JSON patch is %d, got %d", maxJSONPatchOperations, len(patch)))
	}
	p.merge = p.throughJSON(func(current []byte) ([]byte, error) {
		patched, err := patch.Apply(current)
		if err != nil {
			return nil, unprocessable(err)
		}
		return patched, nil
	})
	return nil
}

func (p *patcher) readMergePatch() error {
	if p.isStrict() {
		if err := p.read(&map[string]any{}); err != nil {
			return err
		}
	}
	p.merge = p.throughJSON(func(current []byte) ([]byte, error) {
		patched, err := jsonpatch.MergePatch(current, p.body)
		if errors.Is(err, jsonpatch.ErrBadJSONPatch) {
			return nil, apierrors.NewBadRequest(err.Error())
		}
		return patched, err
	})
	return nil
}

// throughJSON is for patches that know nothing of types.
func (p *patcher) throughJSON(patch func([]byte) ([]byte, error)) func(current, into runtime.Object) (runtime.Object, []error, error) {
	return func(current, into runtime.Object) (runtime.Object, []error, error) {
		encoded, err := json.Marshal(current)
		if err != nil {
			return nil, nil, err
		}
		for _, text := range [][]byte{encoded, p.body} {
			if err := tooMuchToRead(text); err != nil {
				return nil, nil, err
			}
		}
		patched, err := patch(encoded)
		if err != nil {
			return nil, nil, err
		}
		p.shown = func() string { return string(patched) }
		obj, strict, err := p.decode(patched, into, current.GetObjectKind().GroupVersionKind())
		if err != nil {
			return nil, nil, invalidPatch(p.shown(), err)
		}
		return obj, strict, nil
	}
}

// decode reads a patched object, and names the fields that it should not have.
func (p *patcher) decode(patched []byte, into runtime.Object, want schema.GroupVersionKind) (obj runtime.Object, strict []error, err error) {
	u, ok := into.(*unstructured.Unstructured)
	switch {
	case !ok && kinds.Scheme().Recognizes(want):
		return kinds.DecodePatched(patched, want, p.isStrict())
	case !ok: // the simulator's own
		strict, err = kjson.UnmarshalStrict(patched, into)
		return into, strict, err
	}
	if _, err := jsonserializer.DefaultMetaFactory.Interpret(patched); err != nil {
		return nil, nil, err
	}
	if strict, err = kjson.UnmarshalStrict(patched, &u.Object); err != nil {
		return nil, nil, err
	}
	if u.GetKind() == "" {
		return nil, nil, runtime.NewMissingKindErr(string(patched))
	}
	dropped, err := p.coerce(u, p.isStrict())
	for _, path := range dropped {
		strict = append(strict, fmt.Errorf("unknown field %q", path))
	}
	return u, strict, err
}

func (p *patcher) readStrategicMergePatch() error {
	patch := map[string]any{}
	strict, err := kjson.UnmarshalStrict(p.body, &patch)
	if err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	if err := tooMuchToMerge(patch); err != nil {
		return err
	}
	p.strict = strict
	p.shown = func() string { return fmt.Sprintf("%+v", patch) }
	p.merge = func(current, into runtime.Object) (runtime.Object, []error, error) {
		fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(current)
		if err != nil {
			return nil, nil, err
		}
		patched, err := strategicMerge(fields, patch, into)
		if err != nil {
			return nil, nil, strategicMergeStatus(err)
		}
		err = runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(patched, into, p.isStrict())
		if strict, ok := runtime.AsStrictDecodingError(err); ok {
			return into, strict.Errors(), nil
		}
		if err != nil {
			return nil, nil, invalidPatch(p.shown(), err)
		}
		return into, nil, nil
	}
	return nil
}

// strategicMerge applies a strategic merge patch.
//
// Upstream: k8s.io/apimachinery/pkg/util/strategicpatch (StrategicMergeMapPatch), whose panics are 400s: it looks up and compares what may be a list or a map, where a directive or a merge key should be text.
func strategicMerge(fields, patch map[string]any, like runtime.Object) (merged map[string]any, err error) {
	defer func() {
		if reason := recover(); reason == nil {
			return
		} else if _, incomparable := reason.(goruntime.Error); !incomparable {
			panic(reason)
		}
		err = mergepatch.ErrUnsupportedStrategicMergePatchFormat
	}()
	return strategicpatch.StrategicMergeMapPatch(fields, patch, like)
}

func strategicMergeStatus(err error) error {
	switch err {
	case mergepatch.ErrBadJSONDoc, mergepatch.ErrBadPatchFormatForPrimitiveList, mergepatch.ErrBadPatchFormatForRetainKeys,
		mergepatch.ErrBadPatchFormatForSetElementOrderList, mergepatch.ErrUnsupportedStrategicMergePatchFormat:
		return apierrors.NewBadRequest(err.Error())
	case mergepatch.ErrNoListOfLists, mergepatch.ErrPatchContentNotMatchRetainKeys:
		return unprocessable(err)
	}
	return err
}
