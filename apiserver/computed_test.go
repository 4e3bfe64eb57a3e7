package apiserver

import (
	"testing"

	"github.com/stretchr/testify/require"
	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/minik8s/minik8s/kinds"
)

// The verbs that a computed kind names in discovery are those that the door
// has an answer for.
func TestComputedKindsAreAnswered(t *testing.T) {
	for _, k := range kinds.All() {
		a := answersFor(k.GroupResource())
		require.Equal(t, len(k.Computed) > 0, a != nil, k.Kind)
		if a == nil {
			continue
		}
		var verbs []string
		for _, verb := range []struct {
			name   string
			served bool
		}{{"create", a.create != nil}, {"get", a.get != nil}, {"list", a.list != nil}} {
			if verb.served {
				verbs = append(verbs, verb.name)
			}
		}
		require.Equal(t, verbs, k.Computed, k.Kind)
	}
}

func TestQuestionsAreNotStored(t *testing.T) {
	w := newWorld(t)
	before := w.Store.Revision()
	req := w.request(Create, "selfsubjectreviews", "")
	req.Object = &authenticationv1.SelfSubjectReview{}
	req.User = User{Name: "jane", UID: "7", Groups: []string{"a", "b"}, Extra: map[string][]string{"k": {"v", "w"}}}
	require.False(t, w.Writes(&req))
	res, err := w.Do(req)
	require.NoError(t, err)
	require.Equal(t, authenticationv1.UserInfo{
		Username: "jane", UID: "7", Groups: []string{"a", "b"}, Extra: map[string]authenticationv1.ExtraValue{"k": {"v", "w"}},
	}, res.Object.(*authenticationv1.SelfSubjectReview).Status.UserInfo)
	require.Equal(t, before, w.Store.Revision())

	for _, verb := range []Verb{Get, List, Update, Patch, Delete, DeleteCollection} {
		_, err := w.Do(w.request(verb, "selfsubjectreviews", "default/x"))
		require.True(t, apierrors.IsMethodNotSupported(err), "%s: %v", verb, err)
	}
}
