package wire

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apiserver/pkg/authentication/serviceaccount"
	"k8s.io/apiserver/pkg/authentication/user"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/auth"
)

// impersonate makes a request somebody else's (kubectl --as), if that is asked
// for and the user has the right to.
//
// Upstream: k8s.io/apiserver/pkg/endpoints/filters/impersonation (WithImpersonation), without the constrained verbs of 1.36 such as impersonate:user-info: the old verb is needed.
func (s *server) impersonate(r *http.Request, as apiserver.User) (apiserver.User, error) {
	wanted, asked, err := impersonated(r.Header)
	if err != nil || !asked {
		return as, err
	}
	for _, a := range wanted.rights(&as) {
		if d := s.Server.Authorize(&a); !d.Allowed {
			return as, auth.Forbidden(&a, d.Reason)
		}
	}
	return wanted.user(), nil
}

// impersonation is who a request says that it is to be from.
type impersonation struct {
	name, uid string
	groups    []string
	extra     map[string][]string
}

// impersonated reads the headers. Everything else needs a user name.
func impersonated(h http.Header) (w impersonation, asked bool, err error) {
	w.name, w.uid = h.Get(authenticationv1.ImpersonateUserHeader), h.Get(authenticationv1.ImpersonateUIDHeader)
	w.groups = h[authenticationv1.ImpersonateGroupHeader]
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if key, ok := strings.CutPrefix(name, authenticationv1.ImpersonateUserExtraHeaderPrefix); ok {
			if w.extra == nil {
				w.extra = map[string][]string{}
			}
			key = unescaped(strings.ToLower(key))
			w.extra[key] = append(w.extra[key], h[name]...)
		}
	}
	if w.name != "" {
		return w, true, nil
	}
	if w.uid != "" || len(w.groups) > 0 || len(w.extra) > 0 {
		return w, false, apierrors.NewBadRequest(fmt.Sprintf("requested %#v without impersonating a user name", &user.DefaultInfo{UID: w.uid, Groups: w.groups, Extra: w.extra}))
	}
	return w, false, nil
}

// unescaped is a key of extra: it may have in it what a header's name may not.
func unescaped(key string) string {
	if plain, err := url.PathUnescape(key); err == nil {
		return plain
	}
	return key
}

// rights are what one must be allowed to in order to be w.
func (w *impersonation) rights(as *apiserver.User) []auth.Attributes {
	one := func(group, resource, subresource, namespace, name string) auth.Attributes {
		return auth.Attributes{User: as, Verb: "impersonate", Group: group, Resource: resource, Subresource: subresource, Namespace: namespace, Name: name}
	}
	all := []auth.Attributes{one("", "users", "", "", w.name)}
	if namespace, name, err := serviceaccount.SplitUsername(w.name); err == nil {
		all[0] = one("", "serviceaccounts", "", namespace, name)
	}
	if w.uid != "" {
		all = append(all, one(authenticationv1.GroupName, "uids", "", "", w.uid))
	}
	for _, group := range w.groups {
		all = append(all, one("", "groups", "", "", group))
	}
	for _, key := range slices.Sorted(maps.Keys(w.extra)) {
		for _, value := range w.extra[key] {
			all = append(all, one(authenticationv1.GroupName, "userextras", key, "", value))
		}
	}
	return all
}

// user is who asks from now on. A service account's groups are known.
func (w *impersonation) user() apiserver.User {
	u := apiserver.User{Name: w.name, UID: w.uid, Groups: slices.Clone(w.groups), Extra: w.extra}
	if namespace, _, err := serviceaccount.SplitUsername(w.name); err == nil && len(u.Groups) == 0 {
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
