package apiserver

import (
	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/minik8s/minik8s/kinds"
)

// answerSelfSubjectReview tells whoever asks who they are.
func (c *call) answerSelfSubjectReview(obj kinds.Object) (runtime.Object, error) {
	return &authenticationv1.SelfSubjectReview{
		TypeMeta:   metav1.TypeMeta{Kind: c.Kind.Kind, APIVersion: c.GroupVersion().String()},
		ObjectMeta: metav1.ObjectMeta{CreationTimestamp: seconds(c.now)},
		Status:     authenticationv1.SelfSubjectReviewStatus{UserInfo: userInfo(c.req.User)},
	}, nil
}

// userInfo is a user as the authentication API shows one.
func userInfo(u User) authenticationv1.UserInfo {
	info := authenticationv1.UserInfo{Username: u.Name, UID: u.UID, Groups: u.Groups}
	for key, values := range u.Extra { // any order: a map is copied
		if info.Extra == nil {
			info.Extra = make(map[string]authenticationv1.ExtraValue, len(u.Extra))
		}
		info.Extra[key] = values
	}
	return info
}
