package apiserver

import (
	"iter"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/apiserver/admission"
	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

// admit asks the plugins in their mutating phase: before the strategy
// prepares and validates. obj is nil for a delete, old for a create.
func (c *call) admit(op admission.Operation, obj, old kinds.Object) error {
	if len(c.admission) == 0 {
		return nil
	}
	a := c.attributes(op, obj, old)
	switch {
	case c.req.Subresource == "scale":
		return c.admitScale(a, obj)
	case obj == nil:
		return c.admission.Admit(a)
	}
	managers := obj.GetManagedFields()
	if err := c.admission.Admit(a); err != nil {
		return err
	}
	c.checkManagers(obj, managers)
	return nil
}

// validateAdmission asks the plugins in their validating phase, about an
// object that is ready to be stored. It comes after admit.
func (c *call) validateAdmission(op admission.Operation, obj, old kinds.Object) error {
	if len(c.admission) == 0 {
		return nil
	}
	a := c.attributes(op, obj, old)
	if c.nameIsDrawn {
		a.Name = obj.GetName() // drawn by now
	}
	return c.admission.Validate(a)
}

// admitWhole is both phases in one, for what has no strategy between them.
func (c *call) admitWhole(op admission.Operation, obj, old kinds.Object) error {
	if err := c.admit(op, obj, old); err != nil {
		return err
	}
	return c.validateAdmission(op, obj, old)
}

func (c *call) attributes(op admission.Operation, obj, old kinds.Object) *admission.Attributes {
	c.attrs = admission.Attributes{
		Operation:   op,
		Kind:        c.requestedKind(),
		Resource:    c.requested().WithResource(c.req.Resource.Resource),
		Subresource: c.req.Subresource,
		Namespace:   c.req.Namespace,
		Name:        c.req.Name,
		Object:      obj,
		OldObject:   old,
		Options:     c.req.optionsOf(op),
		DryRun:      c.dryRun,
		User:        &c.req.User,
		Now:         c.now,
		World:       (*lentWorld)(c),
	}
	if c.req.Subresource == "scale" {
		c.attrs.Object, c.attrs.OldObject = c.scaleOf(obj), c.scaleOf(old)
	}
	switch {
	case c.nameIsDrawn, c.inCollection:
		c.attrs.Name = ""
	case c.attrs.Name == "" && obj != nil:
		c.attrs.Name = obj.GetName()
	}
	return &c.attrs
}

// admitConnection asks the plugins about a request that Connects. All that they
// see are its options.
//
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers (ConnectResource).
func (c *call) admitConnection() error {
	if len(c.admission) == 0 {
		return nil
	}
	for _, phase := range []func(*admission.Attributes) error{c.admission.Admit, c.admission.Validate} {
		a := c.attributes(admission.Connect, nil, nil)
		a.Object = c.req.Object
		if err := phase(a); err != nil {
			return err
		}
	}
	return nil
}

// requestedKind is what the body is: for some subresources not the kind of
// the object behind it.
func (c *call) requestedKind() schema.GroupVersionKind {
	switch c.req.Subresource {
	case "scale":
		return scaleKind
	case "":
		if c.isBinding {
			return corev1.SchemeGroupVersion.WithKind("Binding")
		}
	default:
		for i := range c.Others {
			if o := &c.Others[i]; o.Name == c.req.Subresource {
				return o.Kind
			}
		}
	}
	return c.requested().WithKind(c.GroupVersionKind.Kind)
}

// optionsOf are those of the request as webhooks see them, nil if it has none.
// They say what they are, and those of a patch are of what it comes to.
func (r *Request) optionsOf(op admission.Operation) runtime.Object {
	switch {
	case r.CreateOptions != nil:
		o := *r.CreateOptions
		o.TypeMeta = optionsType("CreateOptions")
		return &o
	case r.UpdateOptions != nil:
		o := *r.UpdateOptions
		o.TypeMeta = optionsType("UpdateOptions")
		return &o
	case r.PatchOptions != nil && op == admission.Create:
		o := r.PatchOptions
		return &metav1.CreateOptions{TypeMeta: optionsType("CreateOptions"), DryRun: o.DryRun, FieldManager: o.FieldManager, FieldValidation: o.FieldValidation}
	case r.PatchOptions != nil:
		o := r.PatchOptions
		return &metav1.UpdateOptions{TypeMeta: optionsType("UpdateOptions"), DryRun: o.DryRun, FieldManager: o.FieldManager, FieldValidation: o.FieldValidation}
	case r.DeleteOptions != nil:
		o := *r.DeleteOptions
		o.TypeMeta = optionsType("DeleteOptions")
		return &o
	}
	return nil
}

func optionsType(kind string) metav1.TypeMeta {
	return metav1.TypeMeta{Kind: kind, APIVersion: "meta.k8s.io/v1"}
}

// lentWorld is a call as admission plugins see it.
type lentWorld call

// reader is what a transaction and a snapshot have in common.
type reader interface {
	Get(gr schema.GroupResource, namespace, name string) *store.Object
	List(gr schema.GroupResource, namespace string) iter.Seq[*store.Object]
}

// reader is what the request reads: what it has written itself, if it writes.
func (w *lentWorld) reader() reader {
	if w.tx != nil {
		return w.tx
	}
	return w.Store.Snapshot()
}

// Get implements admission.World.
func (w *lentWorld) Get(gr schema.GroupResource, namespace, name string) kinds.Object {
	if stored := w.reader().Get(gr, namespace, name); stored != nil {
		return stored.Value.(kinds.Object)
	}
	return nil
}

// List implements admission.World.
func (w *lentWorld) List(gr schema.GroupResource, namespace string) iter.Seq[kinds.Object] {
	return func(yield func(kinds.Object) bool) {
		for o := range w.reader().List(gr, namespace) {
			if !yield(o.Value.(kinds.Object)) {
				return
			}
		}
	}
}

// Mapping implements admission.World.
func (w *lentWorld) Mapping(kind schema.GroupKind, version string) (resource string, namespaced, ok bool) {
	k, ok := w.custom.In(storedDefinitions{w.tx}).ByKind(kind)
	if !ok || k.Internal || version != k.Version && !slices.Contains(k.Versions, version) {
		return "", false, false
	}
	return k.Resource, k.Namespaced, true
}

// Authorize implements admission.World.
func (w *lentWorld) Authorize(q admission.Question) (allowed bool, reason string) {
	user := &w.req.User
	if q.User != "" {
		user = &User{Name: q.User, Groups: q.Groups}
	}
	d := w.Server.Authorize(&auth.Attributes{
		User: user, Path: q.Path, Verb: q.Verb, Group: q.Resource.Group, Resource: q.Resource.Resource,
		Subresource: q.Subresource, Namespace: q.Namespace, Name: q.Name,
	})
	return d.Allowed, d.Reason
}

// Warn implements admission.World. Components do not read warnings.
func (w *lentWorld) Warn(text string) {
	if w.req.Origin.Turn == 0 {
		w.response.Warnings = append(w.response.Warnings, text)
	}
}

// Annotate implements admission.World. Components are not audited.
func (w *lentWorld) Annotate(key, value string) {
	if w.req.Origin.Turn != 0 {
		return
	}
	if w.response.Annotations == nil {
		w.response.Annotations = map[string]string{}
	}
	if _, ok := w.response.Annotations[key]; !ok {
		w.response.Annotations[key] = value
	}
}

// Suffix implements admission.World.
func (w *lentWorld) Suffix() string { return suffix((*call)(w).draw(drawVolumeName)) }

// UpdateAlso implements admission.World.
//
// Upstream: k8s.io/apiserver/pkg/admission/plugin/resourcequota (checkQuotas), after the object instead of before it, so that a request which fails later has not used up anything.
func (w *lentWorld) UpdateAlso(gr schema.GroupResource, obj kinds.Object, reason string) {
	(*call)(w).then(gr, func(c *call) error {
		c.req.Origin.Reason = reason
		return c.put(obj, store.AnyRevision)
	})
}

// serverUser is who the API server itself is when it writes.
var serverUser = User{Name: "system:apiserver", Groups: []string{"system:masters"}}
