package apiserver

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/minik8s/minik8s/kinds"
)

// tracksFields says whether the request makes its program the manager of the
// fields that it writes. The simulator's own components write thousands of
// times a second, and nobody asks who owns a Pod's status.
//
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers (create, update, patch), without managedFields of what the simulator's own components write: those leave the entries as they are, so that a field which a component changes keeps its manager.
func (c *call) tracksFields() bool {
	return c.req.Origin.Turn == 0 && !c.Internal && c.managerName() != ""
}

// managerName is the field manager that the options name, else the program.
func (c *call) managerName() string {
	name := ""
	switch r := c.req; {
	case r.CreateOptions != nil:
		name = r.CreateOptions.FieldManager
	case r.UpdateOptions != nil:
		name = r.UpdateOptions.FieldManager
	case r.PatchOptions != nil:
		name = r.PatchOptions.FieldManager
	}
	if name != "" {
		return name
	}
	return managerOfProgram(c.req.UserAgent)
}

// managerOfProgram is the start of a user agent, "kubectl" of "kubectl/v1.37.2
// (linux/amd64)", as far as it makes a manager's name. What says nothing of
// itself manages nothing; clients over HTTP always say something.
func managerOfProgram(userAgent string) string {
	program, _, _ := strings.Cut(userAgent, "/")
	var name strings.Builder
	for _, r := range program {
		if !unicode.IsPrint(r) {
			continue
		}
		if name.Len()+utf8.RuneLen(r) > validation.FieldManagerMaxLength {
			break
		}
		name.WriteRune(r)
	}
	if name.Len() == 0 && userAgent != "" {
		return "unknown"
	}
	return name.String()
}

// requested is the version that the request speaks.
func (c *call) requested() schema.GroupVersion {
	if gv := c.req.Resource.GroupVersion(); gv.Version != "" {
		return gv
	}
	return c.GroupVersion()
}

func newFieldManager(gvk schema.GroupVersionKind, stored schema.GroupVersion, subresource string, reset map[fieldpath.APIVersion]fieldpath.Filter) (*managedfields.FieldManager, error) {
	schemas, err := fieldSchemas()
	if err != nil {
		return nil, err
	}
	scheme := kinds.Scheme()
	return managedfields.NewDefaultFieldManager(schemas, fieldConverter{scheme}, scheme, scheme, gvk, stored, subresource, reset)
}

// manageNew notes who creates an object.
func (c *call) manageNew(obj kinds.Object) error {
	if !c.tracksFields() {
		obj.SetManagedFields(nil)
		return nil
	}
	if done, err := c.manageWholeNew(obj); done || err != nil {
		return err
	}
	return c.manage(obj, c.New())
}

// manageChange notes who changes what of old, unless that has been done. The
// entries that a client sends count only if it may choose them.
func (c *call) manageChange(obj, old kinds.Object) error {
	if c.fieldsAreManaged {
		return nil
	}
	if !c.tracksFields() {
		obj.SetManagedFields(old.GetManagedFields())
		return nil
	}
	if done, err := c.manageWhole(obj, old); done || err != nil {
		return err
	}
	return c.manage(obj, old)
}

// manage lets upstream's field manager compare obj with what was there, in
// the version of the request. If it cannot, the entries stay as they are.
func (c *call) manage(obj, old kinds.Object) error {
	manager, err := c.fieldManager()
	if err != nil {
		return fmt.Errorf("managing fields: %w", err)
	}
	times := managerTimes{}
	live := shallow(old)
	before, sent := times.hide(old.GetManagedFields()), obj.GetManagedFields()
	if c.req.Subresource == "" && (sent == nil || slices.EqualFunc(sent, before, kinds.SameManager)) {
		// The usual case: it is enough to have the entries in one of the two,
		// and then they are not compared field by field.
		live.SetManagedFields(nil)
		obj.SetManagedFields(before)
	} else {
		live.SetManagedFields(before)
		obj.SetManagedFields(times.hide(sent))
	}
	if _, err := manager.Update(live, obj, c.managerName()); err != nil {
		obj.SetManagedFields(old.GetManagedFields())
		return nil
	}
	obj.SetManagedFields(times.restore(obj.GetManagedFields(), seconds(c.now)))
	return nil
}

// checkManagers takes managers back that a plugin has made nonsense of.
//
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers/fieldmanager (NewManagedFieldsValidatingAdmissionController), which also looks at managers that no plugin has touched.
func (c *call) checkManagers(obj kinds.Object, before []metav1.ManagedFieldsEntry) {
	after := obj.GetManagedFields()
	if len(after) == len(before) && (len(after) == 0 || &after[0] == &before[0]) {
		return
	}
	if err := managedfields.ValidateManagedFields(after); err != nil {
		obj.SetManagedFields(before)
		(*lentWorld)(c).Warn(fmt.Sprintf(".metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: %v", err))
	}
}

// changesNothing says whether obj means the same as old, which it replaces. A
// manager that writes again what it has written is no change.
func changesNothing(obj, old kinds.Object) bool {
	entries, before := obj.GetManagedFields(), old.GetManagedFields()
	same := len(entries) == len(before) && (len(entries) == 0 || &entries[0] == &before[0] || slices.EqualFunc(entries, before, kinds.SameManager))
	if !same {
		return false
	}
	obj.SetManagedFields(before)
	if unchanged(obj, old) {
		return true
	}
	obj.SetManagedFields(entries)
	return false
}
