package apiserver

import (
	"encoding/json"
	"net/http"
	"strings"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/minik8s/minik8s/kinds"
)

// patch applies a patch to the object as it is now. There is one writer at a
// time, so it never has to be applied again to a newer one.
func (c *call) patch() error {
	opts := c.req.PatchOptions
	if opts == nil {
		opts = &metav1.PatchOptions{}
	}
	if errs := metav1validation.ValidatePatchOptions(opts, c.req.PatchType); len(errs) > 0 {
		return apierrors.NewInvalid(schema.GroupKind{Group: metav1.GroupName, Kind: "PatchOptions"}, "", errs)
	}
	if c.New != nil && kinds.EndlessQuantity(c.req.Patch, c.New()) {
		return invalidPatch(string(c.req.Patch), kinds.ErrEndlessQuantity)
	}
	if c.req.PatchType == types.ApplyYAMLPatchType {
		return c.apply(opts)
	}
	if c.req.Origin.Turn == 0 && !json.Valid(c.req.Patch) {
		return apierrors.NewBadRequest("invalid JSON patch")
	}
	if c.Custom != nil && c.req.PatchType == types.StrategicMergePatchType {
		return unsupportedPatch(types.JSONPatchType, types.MergePatchType, types.ApplyYAMLPatchType)
	}
	p, err := newPatcher(c.req.PatchType, c.req.Patch, c.fieldValidation(opts))
	if err != nil {
		return err
	}
	if c.Custom != nil {
		p.coerce = c.Custom.Coerce
	}
	defer func() { c.response.Warnings = append(p.warnings, c.response.Warnings...) }()
	if c.req.Subresource == "scale" {
		return c.patchScale(p)
	}
	return c.patchObject(p)
}

func (c *call) patchObject(p *patcher) error {
	strategy, err := c.updateStrategy()
	if err != nil {
		return err
	}
	stored := c.tx.Get(c.GroupResource, c.req.Namespace, c.req.Name)
	if stored == nil {
		return c.notFound()
	}
	obj, err := c.current(stored)
	if err != nil {
		return err
	}
	current, err := c.toRequested(obj)
	if err != nil {
		return err
	}
	patched, err := p.apply(current)
	if err != nil {
		return err
	}
	if gv := patched.GetObjectKind().GroupVersionKind().GroupVersion(); c.Custom != nil && gv != c.requested() {
		return c.invalid(c.req.Name, field.ErrorList{field.Invalid(field.NewPath("apiVersion"), gv.String(), "must be "+c.requested().String())})
	}
	obj, err = c.forRules(patched)
	if err != nil {
		return err
	}
	if err := c.ensureNamespace(obj); err != nil {
		return err
	}
	if obj.GetName() != c.req.Name {
		return c.nameMismatch(obj)
	}
	return c.replace(stored, obj, strategy)
}

// patchScale patches the scale that the object shows.
func (c *call) patchScale(p *patcher) error {
	stored, err := c.scalable()
	if err != nil {
		return err
	}
	current, err := c.current(stored)
	if err != nil {
		return err
	}
	patched, err := p.apply(c.scaleOf(current))
	if err != nil {
		return err
	}
	scale := patched.(*autoscalingv1.Scale)
	if scale.Name != c.req.Name {
		return c.nameMismatch(scale)
	}
	return c.writeScale(stored, scale)
}

// toRequested is a stored object in the version that the request speaks,
// which is the one that its patch is written for.
func (c *call) toRequested(obj kinds.Object) (runtime.Object, error) {
	if c.requested() == c.GroupVersion() { // always so for custom resources
		return obj, nil
	}
	return kinds.Convert(obj, c.requested())
}

// newPatcher is a patch that is read once there is something to patch. The patch types are those that upstream serves
// for built-in kinds.
//
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers (patcher), all but apply patches, which apply.go has.
func newPatcher(t types.PatchType, body []byte, fieldValidation string) (*patcher, error) {
	p := &patcher{body: body, directive: fieldValidation}
	switch t {
	case types.JSONPatchType:
		p.readBody = p.readJSONPatch
	case types.MergePatchType:
		p.readBody = p.readMergePatch
	case types.StrategicMergePatchType:
		p.readBody = p.readStrategicMergePatch
	default:
		return nil, unsupportedPatch(types.JSONPatchType, types.MergePatchType, types.StrategicMergePatchType, types.ApplyYAMLPatchType)
	}
	return p, nil
}

// fieldValidation is what to do about fields that a kind does not have: warn,
// unless the options say otherwise. Components do not read warnings.
func (c *call) fieldValidation(opts *metav1.PatchOptions) string {
	if opts.FieldValidation == "" && c.req.Origin.Turn == 0 {
		return metav1.FieldValidationWarn
	}
	return opts.FieldValidation
}

// unsupportedPatch says which patches there are.
func unsupportedPatch(accepted ...types.PatchType) error {
	names := make([]string, len(accepted))
	for i, t := range accepted {
		names[i] = string(t)
	}
	return apierrors.NewGenericServerResponse(http.StatusUnsupportedMediaType, "patch", schema.GroupResource{}, "",
		"the body of the request was in an unknown format - accepted media types include: "+strings.Join(names, ", "), 0, false)
}
