package wire

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/api/validation"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/authentication/serviceaccount"
	"k8s.io/apiserver/pkg/authentication/user"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/auth"
)

// impersonationMode is one of the ways in which somebody may be let pose as
// somebody else.
type impersonationMode struct {
	name string // empty: with the old verb "impersonate", for whatever is asked
	// fits says whether the mode is for such a user.
	fits func(w *impersonation, as *apiserver.User) bool
	// anyName: the right is to be all users of the kind.
	anyName bool
}

// impersonationModes are in the order in which they are tried.
//
// Upstream: k8s.io/apiserver/pkg/endpoints/filters/impersonation (allImpersonationModes), without asking for all groups or extras at once when there are many.
var impersonationModes = [...]impersonationMode{
	{name: "associated-node", fits: isOwnNode, anyName: true},
	{name: "arbitrary-node", fits: func(w *impersonation, _ *apiserver.User) bool {
		_, isNode := w.node()
		return isNode && w.isBare()
	}},
	{name: "serviceaccount", fits: func(w *impersonation, _ *apiserver.User) bool {
		_, _, isAccount := w.serviceAccount()
		return isAccount && w.isBare()
	}},
	{name: "user-info", fits: func(w *impersonation, _ *apiserver.User) bool {
		_, isNode := w.node()
		_, _, isAccount := w.serviceAccount()
		return !isNode && !isAccount
	}},
	{fits: func(*impersonation, *apiserver.User) bool { return true }},
}

// isOwnNode: a Pod's service account may be let act as the Pod's node.
func isOwnNode(w *impersonation, as *apiserver.User) bool {
	node, isNode := w.node()
	_, _, err := serviceaccount.SplitUsername(as.Name)
	own := as.Extra[serviceaccount.NodeNameKey]
	return isNode && w.isBare() && err == nil && len(own) == 1 && own[0] == node
}

// node is the name of the node that is asked for, if it is one.
func (w *impersonation) node() (name string, ok bool) {
	name, ok = strings.CutPrefix(w.name, "system:node:")
	return name, ok && len(validation.NameIsDNSSubdomain(name, false)) == 0
}

func (w *impersonation) serviceAccount() (namespace, name string, ok bool) {
	namespace, name, err := serviceaccount.SplitUsername(w.name)
	return namespace, name, err == nil
}

// isBare says that only a name is asked for.
func (w *impersonation) isBare() bool { return w.uid == "" && len(w.groups) == 0 && len(w.extra) == 0 }

// right is something that one must be allowed to.
type right struct {
	auth.Attributes
	never string // why nobody is
}

// constraint is the verb that lets use the mode. It is not told of the old one.
func (m *impersonationMode) constraint() string {
	if m.name == "" {
		return ""
	}
	return "impersonate:" + m.name
}

// rights are what one must be allowed to in order to be w. on is the request,
// which new modes are asked about first.
func (m *impersonationMode) rights(w *impersonation, on *auth.Attributes) []right {
	if m.name == "" {
		return rightsTo(w, right{Attributes: auth.Attributes{User: on.User, Verb: "impersonate"}})
	}
	request := *on
	request.Verb = "impersonate-on:" + m.name + ":" + on.Verb
	whole := right{Attributes: auth.Attributes{User: on.User, Verb: m.constraint(), Group: authenticationv1.GroupName}}
	all := append([]right{{Attributes: request}}, rightsTo(w, whole)...)
	if m.anyName {
		all[1].Name = "*"
	}
	return all
}

// rightsTo are those to each part of who w is. what has the verb, and the group
// that users and groups of users are in. The old verb knows no nodes, and lets
// any group and extra pass.
func rightsTo(w *impersonation, what right) []right {
	constrained := what.Group != ""
	whole := what.to("users", "", w.name)
	if node, ok := w.node(); ok && constrained {
		whole = what.to("nodes", "", node)
	} else if namespace, name, ok := w.serviceAccount(); ok {
		whole = what.to("serviceaccounts", "", name)
		whole.Namespace = namespace
	}
	all := []right{whole}
	rest := what
	rest.Group = authenticationv1.GroupName
	if w.uid != "" {
		all = append(all, rest.to("uids", "", w.uid))
	}
	if bad := what.to("groups", "", ""); constrained && bad.refuseGroups(w.groups) {
		all = append(all, bad)
	}
	for _, group := range w.groups {
		all = append(all, what.to("groups", "", group))
	}
	if bad := rest.to("userextras", "", ""); constrained && bad.refuseExtra(w.extra) {
		all = append(all, bad)
	}
	for _, key := range slices.Sorted(maps.Keys(w.extra)) {
		for _, value := range w.extra[key] {
			all = append(all, rest.to("userextras", key, value))
		}
	}
	return all
}

func (r right) to(resource, subresource, name string) right {
	r.Resource, r.Subresource, r.Name = resource, subresource, name
	return r
}

// refuseGroups says why groups cannot be had in the new modes, if they cannot.
func (r *right) refuseGroups(groups []string) bool {
	switch {
	case slices.Contains(groups, ""):
		r.never = "impersonating the empty string group is not allowed"
	case slices.Contains(groups, user.SystemPrivilegedGroup):
		r.Name, r.never = user.SystemPrivilegedGroup, "impersonating the system:masters group is not allowed"
	}
	return r.never != ""
}

// refuseExtra does the same for extra.
func (r *right) refuseExtra(extra map[string][]string) bool {
	for _, key := range slices.Sorted(maps.Keys(extra)) {
		err := utilvalidation.IsDomainPrefixedPath(field.NewPath("extra", "key"), key).ToAggregate()
		switch {
		case key == "":
			r.never = "impersonating the empty string key in extra is not allowed"
		case err != nil:
			r.never = "impersonating an invalid key in extra is not allowed: " + err.Error()
		case key != strings.ToLower(key):
			r.never = fmt.Sprintf("impersonating a non-lowercase key in extra is not allowed: %q", key)
		case len(extra[key]) == 0:
			r.never = "impersonating empty values in extra is not allowed"
		case slices.Contains(extra[key], ""):
			r.never = "impersonating the empty string value in extra is not allowed"
		default:
			continue
		}
		return true
	}
	return false
}

// user is who asks from now on. The groups of service accounts are known, and
// in the new modes those of nodes.
func (m *impersonationMode) user(w *impersonation) apiserver.User {
	u := apiserver.User{Name: w.name, UID: w.uid, Groups: slices.Clone(w.groups), Extra: w.extra}
	if _, isNode := w.node(); isNode && m.name != "" {
		u.Groups = []string{user.NodesGroup}
	} else if namespace, _, ok := w.serviceAccount(); ok && len(u.Groups) == 0 {
		u.Groups = serviceaccount.MakeGroupNames(namespace)
	}
	switch {
	case u.Name == user.Anonymous && !u.In(user.AllUnauthenticated):
		u.Groups = append(u.Groups, user.AllUnauthenticated)
	case u.Name != user.Anonymous:
		u = auth.Authenticated(u)
	}
	return u
}
