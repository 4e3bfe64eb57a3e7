package apiserver

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

// continueToken is where a limited list goes on. Clients hand it back unread.
type continueToken struct {
	APIVersion string `json:"v"`
	Revision   int64  `json:"rv"`    // of the first page; below 0 for the newest
	StartKey   string `json:"start"` // what comes after the list's own key: "/default/web\x00"
}

const (
	continueVersion = "meta.k8s.io/v1"
	// newestRevision goes on after the first page's revision was compacted.
	newestRevision = -1
)

const inconsistentContinue = "The provided continue parameter is too old " +
	"to display a consistent list result. You can start a new list without " +
	"the continue parameter, or use the continue token in this response to " +
	"retrieve the remainder of the results. Continuing with the provided " +
	"token results in an inconsistent list - objects that were created, " +
	"modified, or deleted between the time the first chunk was returned " +
	"and now may show up in the list."

// startKey is the first key after an object's.
func startKey(within string, last kinds.Object) string {
	if within != "" || last.GetNamespace() == "" {
		return "/" + last.GetName() + "\x00"
	}
	return "/" + last.GetNamespace() + "/" + last.GetName() + "\x00"
}

func encodeContinue(revision int64, start string) string {
	token, err := json.Marshal(continueToken{continueVersion, revision, start})
	if err != nil {
		panic(err) // two strings and a number
	}
	return base64.RawURLEncoding.EncodeToString(token)
}

func decodeContinue(text string) (continueToken, error) {
	var token continueToken
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(data, &token)
	}
	if err != nil {
		return token, fmt.Errorf("continue key is not valid: %w", err)
	}
	switch {
	case token.APIVersion != continueVersion:
		return token, fmt.Errorf("continue key is not valid: server does not recognize this encoded version %v", token.APIVersion)
	case token.Revision == 0:
		return token, errors.New("continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)")
	case token.StartKey == "":
		return token, errors.New("continue key is not valid: encoded start key empty (version meta.k8s.io/v1)")
	}
	key := "/" + strings.TrimPrefix(token.StartKey, "/")
	if path.Clean(key) != key {
		return token, fmt.Errorf("continue key is not valid: %s", token.StartKey)
	}
	token.StartKey = key
	return token, nil
}

// resumeList opens a later page. What the first page was of is for the client to
// say again: upstream takes a namespace from a field selector for a first page
// only, and where such a page has ended is another place in the list of all.
func (c *call) resumeList(opts *metav1.ListOptions) (listing, error) {
	namespace := c.req.Namespace
	token, err := decodeContinue(opts.Continue)
	if err != nil {
		return listing{}, apierrors.NewBadRequest(fmt.Sprintf("invalid continue token: %v", err))
	}
	if opts.ResourceVersion != "" && opts.ResourceVersion != "0" {
		return listing{}, apierrors.NewBadRequest("specifying resource version is not allowed when using continue")
	}
	snapshot := c.Store.Snapshot()
	if token.Revision > 0 {
		snapshot, err = c.at(token.Revision)
	}
	if errors.Is(err, store.ErrCompacted) {
		expired := apierrors.NewResourceExpired(inconsistentContinue)
		expired.ErrStatus.ListMeta.Continue = encodeContinue(newestRevision, token.StartKey[1:])
		return listing{}, expired
	}
	if err != nil {
		return listing{}, err
	}
	ns, name := namespace, strings.TrimSuffix(token.StartKey[1:], "\x00")
	if c.Namespaced && namespace == "" {
		ns, name, _ = strings.Cut(name, "/")
	}
	return listing{snapshot.ListFrom(c.GroupResource, namespace, ns, name), snapshot.Revision(), namespace}, nil
}
