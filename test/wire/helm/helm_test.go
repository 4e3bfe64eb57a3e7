package helm

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/minik8s/minik8s/test/wire/cluster"
)

var simulator *cluster.Cluster

func TestMain(m *testing.M) { cluster.Main(m, func(c *cluster.Cluster) { simulator = c }) }

func TestScripts(t *testing.T) {
	commands := map[string]string{}
	for _, name := range []string{"helm", "kubectl"} {
		path, err := cluster.Tool(name)
		require.NoError(t, err)
		commands[name] = path
	}
	simulator.RunScripts(t, "testdata/script", commands)
}
