package kubectl

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/minik8s/minik8s/test/wire/cluster"
)

var simulator *cluster.Cluster

func TestMain(m *testing.M) { cluster.Main(m, func(c *cluster.Cluster) { simulator = c }) }

func TestPresentKubectl(t *testing.T) {
	present, err := cluster.Tool("kubectl")
	require.NoError(t, err)
	for _, dir := range []string{"testdata/every", "testdata/new"} {
		simulator.RunScripts(t, dir, map[string]string{"kubectl": present})
	}
}

func TestOtherKubectls(t *testing.T) {
	for _, path := range filepath.SplitList(os.Getenv("MINIK8S_KUBECTLS")) {
		t.Run(path, func(t *testing.T) {
			simulator.RunScripts(t, "testdata/every", map[string]string{"kubectl": path})
		})
	}
}
