package apiserver

import (
	"errors"
	"reflect"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/apiserver/admission"
	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

// Do carries out one request. What it writes is in the store when it returns,
// in one transaction (a DeleteCollection: one for each object; what follows a
// write, such as the end of a pod without grace: one more); after an error or a
// dry run nothing is. Errors are *apierrors.StatusError, as a real API server
// would answer, or *Unanswered.
//
// Writers take turns: Do must not be called for a write while another one is
// under way. Reads may run at any time.
func (s *Server) Do(req Request) (Response, error) {
	if (req.Verb != Get && req.Verb != List || req.opensConnection()) && s.asksOutside() || s.convertsOutside(req.Resource.GroupResource()) {
		return s.answerable(req)
	}
	return s.do(req)
}

func (s *Server) do(req Request) (Response, error) {
	c := s.takeCall(req)
	defer s.giveBack(c)
	err := c.begin()
	if err != nil {
		return Response{}, err
	}
	if c.answers != nil {
		err = c.answer()
	} else {
		err = c.doStored()
	}
	if err != nil {
		return Response{Warnings: c.response.Warnings, Annotations: c.response.Annotations}, c.asStatus(err)
	}
	return c.response, nil
}

// doStored carries out a request for a kind that is stored.
func (c *call) doStored() error {
	if c.req.Connects() {
		return c.connect()
	}
	switch c.req.Verb {
	case Get:
		return c.get()
	case List:
		return c.list()
	case Create:
		switch c.req.Subresource {
		case "eviction":
			return c.evict()
		case "token":
			return c.createToken()
		}
		return c.write(c.create)
	case Update:
		return c.write(c.update)
	case Patch:
		return c.write(c.patch)
	case Delete:
		return c.write(c.delete)
	case DeleteCollection:
		return c.deleteCollection()
	}
	return c.methodNotSupported()
}

// call is one request under way.
type call struct {
	*Server
	*resource
	req    *Request  // request, unless the call is part of another
	now    time.Time // in virtual time, exactly
	dryRun bool
	// rehearsal: all is done as it will be, but not committed.
	rehearsal bool
	// nameIsDrawn: the client left the name of the new object to the server.
	nameIsDrawn bool
	// inCollection: the call is about one object of a deletecollection, and
	// admission is not told which.
	inCollection bool
	// readElsewhere: the object at hand was sent in another version than is
	// stored, has the defaults of that, and gets the others when it is stored.
	readElsewhere bool
	// fieldsAreManaged says that the managedFields of the object at hand are
	// up to date already.
	fieldsAreManaged bool

	// What others see of the call has its room here: asked is for the
	// authorisers, attrs for admission plugins, and event is what RecordEvent
	// was given.
	request Request
	asked   auth.Attributes
	attrs   admission.Attributes
	event   EventRecord

	// conversions is nil unless the kind has a conversion webhook.
	conversions *conversions

	// tx is nil while reading.
	tx       *store.Tx
	response Response
	// followUps are written once this write is done.
	followUps []followUp
	// highestPort is the highest node port that was taken.
	highestPort int32
}

// takeCall makes a call of a request. Calls are used again: they would be a
// tenth of all garbage.
func (s *Server) takeCall(req Request) *call {
	c := s.calls.Get().(*call)
	c.Server, c.request = s, req
	c.req = &c.request
	return c
}

func (s *Server) giveBack(c *call) {
	*c = call{}
	s.calls.Put(c)
}

// begin finds out what the request is about, and whether it is allowed.
func (c *call) begin() error {
	s, req := c.Server, c.req
	r, ok := s.resources[req.Resource.GroupResource()]
	if !ok {
		r = s.customResource(req.Resource)
	}
	if r == nil || !r.serves(req.Resource.GroupVersion()) || r.isBinding && req.Verb != Create {
		return noSuchResource(req)
	}
	if !r.Namespaced {
		req.Namespace = ""
	}
	if o, ok := req.Object.(metav1.Object); ok {
		req.locate(o, r)
	}
	c.resource, c.now, c.dryRun = r, s.Now(), req.isDryRun()
	c.convertOutside()
	req.Origin.Actor = req.User.Name
	return c.authorize(req.Verb)
}

func (r *resource) serves(gv schema.GroupVersion) bool {
	if gv.Group != r.GroupResource.Group {
		return slices.Contains(r.Aliases, gv)
	}
	return gv.Version == "" || gv.Version == r.Version || slices.Contains(r.Versions, gv.Version)
}

// locate takes from the object what a caller inside the process did not say
// again in the request.
func (r *Request) locate(o metav1.Object, res *resource) {
	if r.Namespace == "" && res.Namespaced {
		r.Namespace = o.GetNamespace()
	}
	if r.Name == "" && (r.Verb != Create || r.Subresource != "") {
		r.Name = o.GetName()
	}
}

func (r *Request) isDryRun() bool {
	switch {
	case r.CreateOptions != nil:
		return len(r.CreateOptions.DryRun) > 0
	case r.UpdateOptions != nil:
		return len(r.UpdateOptions.DryRun) > 0
	case r.PatchOptions != nil:
		return len(r.PatchOptions.DryRun) > 0
	case r.DeleteOptions != nil:
		return len(r.DeleteOptions.DryRun) > 0
	}
	return false
}

// errNothingToCommit ends a transaction that is to leave no trace, although
// it went well: a dry run, or a write that changes nothing.
var errNothingToCommit = errors.New("nothing to commit")

// write runs f in a transaction, and then what it wants to follow.
func (c *call) write(f func() error) error {
	err := c.Store.Write(func(tx *store.Tx) error {
		c.tx = tx
		err := c.stop(f())
		if err == nil && (c.dryRun || c.rehearsal) {
			return errNothingToCommit
		}
		return err
	})
	if errors.Is(err, errNothingToCommit) {
		return nil
	}
	if err == nil && c.followUps != nil {
		return c.writeFollowUps()
	}
	return err
}

// body is the object of a create or update as the kind's rules want it.
func (c *call) body() (kinds.Object, error) { return c.forRules(c.req.Object) }

// reread makes of an object what it is once it is read back from the store.
func (c *call) reread(obj kinds.Object) {
	if c.readElsewhere && c.Default != nil {
		c.Default(obj)
	}
	c.Reread(obj)
}

// forRules turns an object of any served version into what the kind's rules
// work on: one of the storage version with the defaults of the version that it
// was sent in or, for a custom resource, one of that version.
func (c *call) forRules(in runtime.Object) (kinds.Object, error) {
	if c.Custom != nil {
		return c.decoded(in)
	}
	obj, ok := in.(kinds.Object)
	if !ok {
		return nil, c.wrongBody(in)
	}
	if reflect.TypeOf(obj) != c.goType {
		if c.Internal {
			return nil, c.wrongBody(in)
		}
		kinds.Scheme().Default(obj)
		converted, err := kinds.Convert(obj, c.GroupVersion())
		if err != nil || reflect.TypeOf(converted) != c.goType {
			return nil, c.wrongBody(in)
		}
		obj, c.readElsewhere = converted.(kinds.Object), true
	}
	if c.Default != nil && !c.readElsewhere {
		c.Default(obj)
	}
	if c.DefaultTimes != nil {
		c.DefaultTimes(obj, c.now)
	}
	obj.GetObjectKind().SetGroupVersionKind(c.GroupVersionKind)
	return obj, nil
}
