package apiserver

import "k8s.io/apimachinery/pkg/runtime/schema"

// followUp is a further write that a request brings with it.
type followUp struct {
	resource *resource
	user     User
	write    func(*call) error
}

// then has another object written right after the one at hand, under the API
// server's own name: the store writes one object at a time. If the request is
// refused or dry, nothing follows. Writers take turns, so nobody writes in
// between.
func (c *call) then(gr schema.GroupResource, write func(*call) error) {
	if !c.dryRun {
		c.followUps = append(c.followUps, followUp{c.resources[gr], serverUser, write})
	}
}

// writeFollowUps carries out what follows a write that went well.
func (c *call) writeFollowUps() error {
	following := c.followUps
	c.followUps = nil
	for _, f := range following {
		origin := c.req.Origin
		origin.Actor = f.user.Name
		next := &call{Server: c.Server, resource: f.resource, req: &Request{User: f.user, Origin: origin}, now: c.now}
		if err := next.write(func() error { return f.write(next) }); err != nil {
			return err
		}
	}
	return nil
}
