package apiserver

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

// seconds is a time as it survives a round trip through JSON.
func seconds(t time.Time) metav1.Time { return metav1.NewTime(t.Truncate(time.Second)) }

// wipeSystemFields drops what only the server may set.
func wipeSystemFields(obj kinds.Object) {
	obj.SetCreationTimestamp(metav1.Time{})
	obj.SetUID("")
	obj.SetDeletionTimestamp(nil)
	obj.SetDeletionGracePeriodSeconds(nil)
	obj.SetSelfLink("")
}

func (c *call) fillSystemFields(obj kinds.Object) {
	obj.SetCreationTimestamp(seconds(c.now))
	obj.SetUID(c.newUID())
}

// ensureNamespace makes an object's namespace that of the request.
func (c *call) ensureNamespace(obj kinds.Object) error {
	if obj.GetNamespace() == c.req.Namespace {
		return nil
	}
	if obj.GetNamespace() != "" && c.req.Namespace != "" {
		return apierrors.NewBadRequest("the namespace of the provided object does not match the namespace sent on the request")
	}
	obj.SetNamespace(c.req.Namespace)
	return nil
}

func (c *call) nameMismatch(obj kinds.Object) error {
	if obj.GetName() == "" {
		return apierrors.NewBadRequest(fmt.Sprintf("the name of the object (%s based on URL) was undeterminable: name must be provided", c.req.Name))
	}
	return apierrors.NewBadRequest(fmt.Sprintf("the name of the object (%s) does not match the name on the URL (%s)", obj.GetName(), c.req.Name))
}

// dedupOwnerReferences drops references that are there twice, with a warning
// that says when: what a patch makes is looked at after admission only.
func (c *call) dedupOwnerReferences(obj kinds.Object, when string) {
	refs := obj.GetOwnerReferences()
	if len(refs) < 2 {
		return
	}
	var unique []metav1.OwnerReference
	var duplicates []string
	for _, ref := range refs {
		if slices.ContainsFunc(unique, func(u metav1.OwnerReference) bool { return equality.Semantic.DeepEqual(u, ref) }) {
			duplicates = append(duplicates, string(ref.UID))
			continue
		}
		unique = append(unique, ref)
	}
	if len(duplicates) == 0 {
		return
	}
	obj.SetOwnerReferences(unique)
	c.response.Warnings = append(c.response.Warnings, fmt.Sprintf(".metadata.ownerReferences contains duplicate entries%s; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: %v", when, strings.Join(duplicates, ", ")))
}

// When dedupOwnerReferences looks.
const (
	beforeAdmission = ""
	afterAdmission  = " after mutating admission happens"
)

// put stores an object and answers with it. From here on the object is
// frozen. expected is the revision that it replaces, zero for a new one.
func (c *call) put(obj kinds.Object, expected int64) error {
	c.response.Object = obj
	if c.dryRun {
		if expected == 0 && c.tx.Get(c.GroupResource, obj.GetNamespace(), obj.GetName()) != nil {
			return store.ErrExists
		}
		return c.rehearseStoring(obj)
	}
	obj.SetResourceVersion(strconv.FormatInt(c.tx.Revision(), 10))
	value, err := c.fitting(obj)
	if err != nil {
		return err
	}
	o := &store.Object{
		Resource:  c.GroupResource,
		Namespace: obj.GetNamespace(),
		Name:      obj.GetName(),
		Value:     value,
		Owners:    ownerUIDs(obj),
		Lease:     c.lease(),
	}
	if c.NodeName != nil {
		o.Node = c.NodeName(obj)
	}
	if err := c.tx.Put(o, expected, c.req.Origin); err != nil || value == obj {
		return err
	}
	c.response.Object, err = c.current(o) // as it is read from now on
	return err
}

// rehearseStoring answers a dry run as the write would be answered: with what
// a conversion to the stored version and back makes of the object.
func (c *call) rehearseStoring(obj kinds.Object) error {
	value, err := c.storable(obj)
	if err != nil || value == obj {
		return err
	}
	c.response.Object, err = c.current(&store.Object{Value: value})
	return err
}

func ownerUIDs(obj kinds.Object) []string {
	refs := obj.GetOwnerReferences()
	if len(refs) == 0 {
		return nil
	}
	uids := make([]string, 0, len(refs))
	for i := range refs {
		if uid := string(refs[i].UID); !slices.Contains(uids, uid) {
			uids = append(uids, uid)
		}
	}
	return uids
}

// lease is the etcd lease for objects of a kind that expires. Objects that
// are written within one twentieth of the kind's ttl share a lease.
//
// Upstream: k8s.io/apiserver/pkg/storage/etcd3 (leaseManager), without its second limit of a minute for a shared lease.
func (c *call) lease() store.LeaseID {
	if c.TTL == 0 {
		return 0
	}
	share := c.TTL / 20
	id := store.LeaseID(c.now.UnixNano()/int64(share) + 1)
	return c.tx.Grant(id, c.TTL+share, c.now).ID
}

// shallow copies an object so that the fields of its metadata can be set.
// What they point to stays shared with the frozen original.
func shallow(o kinds.Object) kinds.Object {
	if u, ok := o.(runtime.Unstructured); ok {
		return u.DeepCopyObject().(kinds.Object)
	}
	from := reflect.ValueOf(o).Elem()
	to := reflect.New(from.Type())
	to.Elem().Set(from)
	return to.Interface().(kinds.Object)
}
