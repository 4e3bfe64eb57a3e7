package wire

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/auth"
)

// impersonate makes a request somebody else's (kubectl --as), if that is asked
// for and the user has the right to. asked is whether it was, and constraint the
// right that allowed it, unless that was the old verb. The first refusal is told.
//
// Upstream: k8s.io/apiserver/pkg/endpoints/filters/impersonation (WithConstrainedImpersonation), without its caches.
func (s *server) impersonate(r *http.Request, as *apiserver.User, info *request.RequestInfo) (acting apiserver.User, constraint string, asked bool, err error) {
	wanted, asked, err := impersonated(r.Header)
	if err != nil || !asked {
		return *as, "", false, err
	}
	on := attributesOf(r, as, info)
	var refusal error
	for i := range impersonationModes {
		m := &impersonationModes[i]
		if !m.fits(&wanted, as) {
			continue
		}
		err := s.authorizeAll(m.rights(&wanted, &on))
		if err == nil {
			return m.user(&wanted), m.constraint(), true, nil
		}
		if refusal == nil {
			refusal = err
		}
	}
	return *as, "", true, refusal
}

// authorizeAll is the error of the first right that is missing.
func (s *server) authorizeAll(rights []right) error {
	for i := range rights {
		right := &rights[i]
		if right.never != "" {
			return auth.Forbidden(&right.Attributes, right.never)
		}
		if d := s.Server.Authorize(&right.Attributes); !d.Allowed {
			return auth.Forbidden(&right.Attributes, d.Reason)
		}
	}
	return nil
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
	var extra []string // most requests have none
	for name := range h {
		if strings.HasPrefix(name, authenticationv1.ImpersonateUserExtraHeaderPrefix) {
			extra = append(extra, name)
		}
	}
	slices.Sort(extra)
	for _, name := range extra {
		if w.extra == nil {
			w.extra = map[string][]string{}
		}
		key := unescaped(strings.ToLower(strings.TrimPrefix(name, authenticationv1.ImpersonateUserExtraHeaderPrefix)))
		w.extra[key] = append(w.extra[key], h[name]...)
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
