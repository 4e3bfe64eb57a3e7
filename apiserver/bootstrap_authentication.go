package apiserver

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// authenticationConfigMaps tell other API servers which client certificates are
// good, and the cleaner of tokens since when it is noted that one is used.
//
// Upstream: pkg/controlplane/controller (clusterauthenticationtrust, legacytokentracking), without a front proxy's certificates.
func (s *Server) authenticationConfigMaps() []*corev1.ConfigMap {
	tracking := systemConfigMap("kube-apiserver-legacy-service-account-token-tracking", "since", s.Now().UTC().Format(time.DateOnly))
	if len(s.ClientCA) == 0 {
		return []*corev1.ConfigMap{tracking}
	}
	return []*corev1.ConfigMap{tracking, systemConfigMap("extension-apiserver-authentication", "client-ca-file", string(s.ClientCA))}
}

func systemConfigMap(name, key, value string) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceSystem, Name: name},
		Data:       map[string]string{key: value},
	}
}
