package wire

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"
	netutils "k8s.io/utils/net"

	"github.com/minik8s/minik8s/apiserver/outside"
)

// Asker calls webhooks. It may be used from many goroutines at once.
//
// Upstream: k8s.io/apiserver/pkg/util/webhook (ClientManager), without a kubeconfig that says how the API server proves itself to a webhook.
type Asker struct {
	mu      sync.Mutex
	clients map[clientKey]*rest.RESTClient
}

// clientKey is what a client, with its open connections, can be used for.
type clientKey struct {
	url, address string
	bundle       [sha256.Size]byte
}

// maxClients bounds how many clients are kept.
const maxClients = 200

// NewAsker returns an Asker without open connections.
func NewAsker() *Asker { return &Asker{clients: map[clientKey]*rest.RESTClient{}} }

// Ask makes the call, and waits no longer than the question's timeout. That
// the call fails is an answer too, in upstream's words.
func (a *Asker) Ask(q outside.Question) outside.Answer {
	answer := outside.Answer{Key: q.Key}
	client, err := a.client(q)
	if err != nil {
		answer.Err = err.Error()
		return answer
	}
	ctx, cancel := context.WithTimeout(context.Background(), q.Timeout)
	defer cancel()
	result := client.Post().SetHeader("Content-Type", runtime.ContentTypeJSON).Timeout(wholeSeconds(q.Timeout)).Body(q.Body).Do(ctx)
	if err := result.Error(); err != nil {
		answer.Err = err.Error()
		return answer
	}
	answer.Body, err = result.Raw()
	switch {
	case err != nil:
		answer.Err = err.Error()
	case len(answer.Body) == 0:
		var code int
		var contentType string
		result.StatusCode(&code).ContentType(&contentType)
		answer.Err = fmt.Sprintf("0-length response with status code: %d and content type: %s", code, contentType)
	}
	return answer
}

// wholeSeconds is the time that a webhook is told it has: rounded up.
func wholeSeconds(d time.Duration) time.Duration {
	return (d + time.Second - 1).Truncate(time.Second)
}

func (a *Asker) client(q outside.Question) (*rest.RESTClient, error) {
	key := clientKey{q.URL, q.Address, sha256.Sum256(q.CABundle)}
	a.mu.Lock()
	defer a.mu.Unlock()
	if client := a.clients[key]; client != nil {
		return client, nil
	}
	config, err := clientConfig(q)
	if err != nil {
		return nil, err
	}
	client, err := rest.UnversionedRESTClientFor(config)
	if err != nil {
		return nil, err
	}
	if len(a.clients) >= maxClients {
		clear(a.clients)
	}
	a.clients[key] = client
	return client, nil
}

// Upstream: k8s.io/apiserver/pkg/util/webhook (isLocalHost), complete.
func isLoopback(host string) bool {
	return strings.EqualFold(host, "localhost") || netutils.ParseIPSloppy(host).IsLoopback()
}

func clientConfig(q outside.Question) (*rest.Config, error) {
	u, err := url.Parse(q.URL)
	if err != nil {
		return nil, err
	}
	config := &rest.Config{
		Host: u.Scheme + "://" + u.Host, APIPath: u.Path, QPS: -1,
		UserAgent:       "kube-apiserver-admission",
		TLSClientConfig: rest.TLSClientConfig{CAData: q.CABundle},
	}
	if q.Address != "" || !isLoopback(u.Hostname()) {
		config.NextProtos = []string{"http/1.1"} // so that several backends have their share
	}
	if q.Address != "" {
		config.ServerName = u.Hostname()
		config.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, q.Address)
		}
	}
	scheme := runtime.NewScheme()
	metav1.AddToGroupVersion(scheme, metav1.SchemeGroupVersion)
	config.ContentType = runtime.ContentTypeJSON
	config.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	return config, nil
}
