package apiserver

import (
	"encoding/json"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/apiserver/satoken"
	"github.com/minik8s/minik8s/store"
)

// NoteUse is the request that notes today as the day on which a token was used
// last. It is not ok if that is known already.
//
// Upstream: pkg/serviceaccount (patchSecretWithLastUsedDate), complete.
func NoteUse(token *auth.KeptToken, now time.Time) (r Request, ok bool) {
	today, tomorrow := now.UTC().Format(time.DateOnly), now.UTC().AddDate(0, 0, 1).Format(time.DateOnly)
	if token.LastUsed == today || token.LastUsed == tomorrow { // another server's clock may be ahead
		return Request{}, false
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"uid": token.UID, "labels": map[string]string{satoken.LastUsedLabel: today},
	}})
	if err != nil {
		panic(fmt.Sprintf("marshalling strings: %v", err))
	}
	return Request{
		Verb: Patch, Resource: secrets.WithVersion("v1"), Namespace: token.Namespace, Name: token.Name,
		PatchType: types.MergePatchType, Patch: patch,
		User: serverUser, UserAgent: "kube-apiserver", Origin: store.Origin{Reason: "the token in it is used"},
	}, true
}
