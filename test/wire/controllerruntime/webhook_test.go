package controllerruntime

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/cert"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

// licence is an operator's webhook server, for a manager's options, and what
// the cluster has to know to call it.
type licence struct {
	webhook.Server
	url      string
	caBundle []byte
}

// newLicence makes a server with a certificate of its own: shops get a label,
// and none may be called a bank.
func newLicence(t *testing.T) *licence {
	t.Helper()
	certificate, key, err := cert.GenerateSelfSignedCertKey("127.0.0.1", []net.IP{net.IPv4(127, 0, 0, 1)}, nil)
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tls.crt"), certificate, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tls.key"), key, 0o600))
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := free.Addr().(*net.TCPAddr).Port
	require.NoError(t, free.Close())

	l := &licence{
		Server: webhook.NewServer(webhook.Options{Host: "127.0.0.1", Port: port, CertDir: dir}),
		url:    fmt.Sprintf("https://127.0.0.1:%d", port), caBundle: certificate,
	}
	l.Register("/label", &admission.Webhook{Handler: admission.HandlerFunc(func(_ context.Context, r admission.Request) admission.Response {
		labelled := strings.Replace(string(r.Object.Raw), `"metadata":{`, `"metadata":{"labels":{"licensed":"yes"},`, 1)
		return admission.PatchResponseFromRaw(r.Object.Raw, []byte(labelled))
	})})
	l.Register("/check", &admission.Webhook{Handler: admission.HandlerFunc(func(_ context.Context, r admission.Request) admission.Response {
		if strings.Contains(r.Name, "bank") {
			return admission.Denied("a bank is no shop")
		}
		return admission.Allowed("").WithWarnings("opening hours apply")
	})})
	return l
}

// require registers the webhooks for the shops that are created in a
// namespace, once they are answered.
func (l *licence) require(t *testing.T, c client.Client, ns string) {
	t.Helper()
	eventually(t, func() bool { return l.StartedChecker()(&http.Request{}) == nil }, "the webhooks are served")
	at := func(path string) admissionregistrationv1.WebhookClientConfig {
		url := l.url + path
		return admissionregistrationv1.WebhookClientConfig{URL: &url, CABundle: l.caBundle}
	}
	in := &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": ns}}
	none := admissionregistrationv1.SideEffectClassNone
	rules := []admissionregistrationv1.RuleWithOperations{{
		Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Create},
		Rule: admissionregistrationv1.Rule{
			APIGroups: []string{shopVersion.Group}, APIVersions: []string{shopVersion.Version}, Resources: []string{"shops"},
		},
	}}
	for _, configuration := range []client.Object{
		&admissionregistrationv1.MutatingWebhookConfiguration{
			ObjectMeta: metav1.ObjectMeta{Name: "label-shops"},
			Webhooks: []admissionregistrationv1.MutatingWebhook{{
				Name: "label.shops.example.com", ClientConfig: at("/label"), Rules: rules, NamespaceSelector: in,
				SideEffects: &none, AdmissionReviewVersions: []string{"v1"},
			}},
		},
		&admissionregistrationv1.ValidatingWebhookConfiguration{
			ObjectMeta: metav1.ObjectMeta{Name: "check-shops"},
			Webhooks: []admissionregistrationv1.ValidatingWebhook{{
				Name: "check.shops.example.com", ClientConfig: at("/check"), Rules: rules, NamespaceSelector: in,
				SideEffects: &none, AdmissionReviewVersions: []string{"v1"},
			}},
		},
	} {
		require.NoError(t, c.Create(t.Context(), configuration))
		t.Cleanup(func() { require.NoError(t, c.Delete(context.Background(), configuration)) })
	}
}
