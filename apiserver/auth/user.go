package auth

import (
	"slices"

	"k8s.io/apiserver/pkg/authentication/user"
)

// User is an authenticated identity.
type User struct {
	Name   string
	UID    string
	Groups []string
	// Extra is what else an authenticator knows of the user, such as the Pod
	// that a service account's token is bound to.
	Extra map[string][]string
}

// Bearer is whom a token stands for.
type Bearer struct {
	User User
	// Audiences are those, of the ones that were asked for, that the token is for.
	Audiences []string
	// Stale is what the audit log is told of a token that should have been renewed
	// by now. It is empty for all others.
	Stale string
	// Kept is the Secret that the token is kept in. It is nil for tokens that end
	// by themselves.
	Kept *KeptToken
}

// KeptToken is a Secret with the token of a service account in it.
type KeptToken struct {
	Namespace, Name, UID string
	Subject              string // the service account, as a user
	LastUsed             string // the day, as its label has it; empty if it never was
	// Generated says that the account names the Secret, as it was done with
	// those that a cluster once made by itself.
	Generated bool
}

// Anonymous is who asks without credentials.
func Anonymous() User {
	return User{Name: user.Anonymous, Groups: []string{user.AllUnauthenticated}}
}

// Authenticated is a user with the group that everyone with a name is in.
//
// Upstream: k8s.io/apiserver/pkg/authentication/group (AuthenticatedGroupAdder), complete.
func Authenticated(u User) User {
	if u.Name == user.Anonymous || u.In(user.AllAuthenticated) || u.In(user.AllUnauthenticated) {
		return u
	}
	u.Groups = append(slices.Clone(u.Groups), user.AllAuthenticated)
	return u
}

// In says whether the user is in a group.
func (u *User) In(group string) bool { return slices.Contains(u.Groups, group) }

// Info is the user as upstream's packages want one.
func (u *User) Info() user.Info {
	return &user.DefaultInfo{Name: u.Name, UID: u.UID, Groups: u.Groups, Extra: u.Extra}
}
