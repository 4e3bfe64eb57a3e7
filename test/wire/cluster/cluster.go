package cluster

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Cluster is a simulated cluster in a process of its own.
type Cluster struct {
	// Kubeconfig is the path of a file whose current context is the cluster.
	Kubeconfig string

	product, dir string
}

// Start brings up a cluster with two nodes, whose clock skips all waiting.
// Stop ends it.
func Start() (*Cluster, error) {
	product, err := product()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "minik8s-wire-")
	if err != nil {
		return nil, err
	}
	c := &Cluster{Kubeconfig: filepath.Join(dir, "kubeconfig"), product: product, dir: dir}
	if err := c.run("up", "--nodes", "2", "--speed", "max"); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return c, nil
}

// Stop ends the cluster and removes its files.
func (c *Cluster) Stop() error {
	return errors.Join(c.run("down"), os.RemoveAll(c.dir))
}

// run calls minik8s with a state directory and a kubeconfig that no one else
// uses.
func (c *Cluster) run(args ...string) error {
	command := []string{"XDG_STATE_HOME=" + c.dir, "KUBECONFIG=" + c.Kubeconfig, "go", "run", "-C", c.product, "./cmd/minik8s"}
	_, err := output("env", append(command, args...)...)
	return err
}

// Config is what Go clients are made from. It has no client-side rate limit.
func (c *Cluster) Config() (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS = -1
	return config, nil
}

// Main runs a package's tests with a cluster of their own, for TestMain.
// began is told of it before the first test.
func Main(m *testing.M, began func(*Cluster)) {
	c, err := Start()
	if err != nil {
		fmt.Fprintln(os.Stderr, "starting the simulator:", err)
		os.Exit(1)
	}
	began(c)
	code := m.Run()
	if err := c.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stopping the simulator:", err)
		code = 1
	}
	os.Exit(code)
}
