package controllerruntime

import (
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/minik8s/minik8s/test/wire/cluster"
)

var simulator *cluster.Cluster

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	cluster.Main(m, func(c *cluster.Cluster) { simulator = c })
}

// patience only bounds failures.
const patience = 30 * time.Second

func restConfig(t *testing.T) *rest.Config {
	t.Helper()
	config, err := simulator.Config()
	require.NoError(t, err)
	return config
}

// newClient is a client without a cache, and a namespace for the test.
func newClient(t *testing.T) (client.Client, string) {
	t.Helper()
	config := restConfig(t)
	c, err := client.New(config, client.Options{})
	require.NoError(t, err)
	return c, cluster.Namespace(t, config)
}

func eventually(t *testing.T, condition func() bool, what string) {
	t.Helper()
	require.Eventually(t, condition, patience, 10*time.Millisecond, what)
}

func configMap(namespace, name string, labels ...string) *corev1.ConfigMap {
	object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{}}}
	for i := 0; i < len(labels); i += 2 {
		object.Labels[labels[i]] = labels[i+1]
	}
	return object
}
