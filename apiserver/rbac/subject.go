package rbac

import (
	"cmp"
	"slices"

	utilerrors "k8s.io/apimachinery/pkg/util/errors"

	"github.com/minik8s/minik8s/apiserver/auth"
)

// subject is what one user, with some groups, is granted.
type subject struct {
	groups []string
	// everywhere is granted cluster-wide, the others in one namespace, each in
	// the order of bindings.
	everywhere []*grant
	within     map[string][]*grant
}

func (p *Policy) newSubject(u *auth.User) *subject {
	found := slices.Clone(p.byUser[u.Name])
	for _, group := range u.Groups {
		found = append(found, p.byGroup[group]...)
	}
	// A binding that has several subjects for this user counts once, as the first.
	slices.SortFunc(found, func(a, b *grant) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.place, b.place))
	})
	found = slices.CompactFunc(found, func(a, b *grant) bool { return a.order == b.order })

	s := &subject{groups: slices.Clone(u.Groups), within: map[string][]*grant{}}
	for _, g := range found {
		if g.namespace == "" {
			s.everywhere = append(s.everywhere, g)
		} else {
			s.within[g.namespace] = append(s.within[g.namespace], g)
		}
	}
	return s
}

// authorize finds the first grant that allows the request. Without one, the
// reason names the roles that are bound but do not exist.
func (s *subject) authorize(a *auth.Attributes) auth.Decision {
	if reason, ok := allowedBy(s.everywhere, a); ok {
		return auth.Decision{Allowed: true, Reason: reason}
	}
	var here []*grant
	if a.Namespace != "" && len(s.within) > 0 {
		here = s.within[a.Namespace]
		if reason, ok := allowedBy(here, a); ok {
			return auth.Decision{Allowed: true, Reason: reason}
		}
	}
	var missing []error
	for _, grants := range [][]*grant{s.everywhere, here} {
		for _, g := range grants {
			if g.missing != nil {
				missing = append(missing, g.missing)
			}
		}
	}
	if len(missing) == 0 {
		return auth.Decision{}
	}
	return auth.Decision{Reason: "RBAC: " + utilerrors.NewAggregate(missing).Error()}
}

func allowedBy(grants []*grant, a *auth.Attributes) (reason string, ok bool) {
	for _, g := range grants {
		if Allow(g.rules, a) {
			return g.reason, true
		}
	}
	return "", false
}
