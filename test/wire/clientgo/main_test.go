package clientgo

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/minik8s/minik8s/test/wire/cluster"
)

var simulator *cluster.Cluster

func TestMain(m *testing.M) { cluster.Main(m, func(c *cluster.Cluster) { simulator = c }) }

// patience only bounds failures.
const patience = 30 * time.Second

func config(t *testing.T) *rest.Config {
	t.Helper()
	config, err := simulator.Config()
	require.NoError(t, err)
	return config
}

// client is a typed client and a namespace for the test to work in.
func client(t *testing.T) (kubernetes.Interface, string) {
	t.Helper()
	config := config(t)
	return kubernetes.NewForConfigOrDie(config), cluster.Namespace(t, config)
}

func eventually(t *testing.T, condition func() bool, what string) {
	t.Helper()
	require.Eventually(t, condition, patience, 10*time.Millisecond, what)
}

func configMap(name string, data map[string]string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: data}
}
