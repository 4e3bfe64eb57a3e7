package clientgo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/minik8s/minik8s"
)

// outage is a network whose newest watch can be ended, and that refuses every
// request while it is on.
type outage struct {
	http.RoundTripper
	on  atomic.Bool
	end atomic.Pointer[context.CancelFunc]
}

func (o *outage) RoundTrip(r *http.Request) (*http.Response, error) {
	if o.on.Load() {
		return nil, errors.New("the network is down")
	}
	if r.URL.Query().Get("watch") == "" {
		return o.RoundTripper.RoundTrip(r)
	}
	ctx, cancel := context.WithCancel(r.Context())
	o.end.Store(&cancel)
	return o.RoundTripper.RoundTrip(r.WithContext(ctx))
}

// TestInformerListsAnewAfterExpiry cuts an informer off until the revision that
// it stands at is forgotten: its watch gets 410, and it lists.
func TestInformerListsAnewAfterExpiry(t *testing.T) {
	world, err := minik8s.New(minik8s.Options{Nodes: minik8s.NoNodes, RetainTicks: 10, RetainRevisions: 10})
	require.NoError(t, err)
	writer := kubernetes.NewForConfigOrDie(world.RESTConfig()).CoreV1().ConfigMaps("default")
	write := func(name string) {
		_, err := writer.Create(t.Context(), configMap(name, nil), metav1.CreateOptions{})
		require.NoError(t, err)
	}
	write("kept")
	write("deleted-meanwhile")

	network := &outage{RoundTripper: world.Transport()}
	reader := kubernetes.NewForConfigOrDie(&rest.Config{Host: "https://minik8s.invalid", Transport: network, QPS: -1})
	factory := informers.NewSharedInformerFactoryWithOptions(reader, 0, informers.WithNamespace("default"))
	informer := factory.Core().V1().ConfigMaps().Informer()
	factory.Start(t.Context().Done())
	factory.WaitForCacheSync(t.Context().Done())

	network.on.Store(true)
	(*network.end.Load())()
	require.NoError(t, writer.Delete(t.Context(), "deleted-meanwhile", metav1.DeleteOptions{}))
	for i := range 50 {
		write(fmt.Sprintf("new-%02d", i))
		_, err := world.Advance(time.Minute)
		require.NoError(t, err)
	}
	network.on.Store(false)

	eventually(t, func() bool {
		names := strings.Join(informer.GetStore().ListKeys(), " ")
		return strings.Contains(names, "new-00") && strings.Contains(names, "new-49") && !strings.Contains(names, "deleted-meanwhile")
	}, "the informer has the present state")
}
