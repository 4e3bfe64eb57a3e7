package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// RunScripts runs the testscripts of a folder. Each has a namespace of its own,
// which its kubeconfig names and which is $NAMESPACE, and a home. commands are
// programs that a script may call by name, as in
//
//	kubectl get pods
//	! helm status nothing
func (c *Cluster) RunScripts(t *testing.T, dir string, commands map[string]string) {
	cmds := map[string]func(*testscript.TestScript, bool, []string){}
	for name, path := range commands {
		cmds[name] = func(ts *testscript.TestScript, neg bool, args []string) {
			switch err := ts.Exec(path, args...); {
			case err != nil && !neg:
				ts.Fatalf("%s: %v", name, err)
			case err == nil && neg:
				ts.Fatalf("%s succeeded, which it should not", name)
			}
		}
	}
	testscript.Run(t, testscript.Params{
		Dir: dir, Cmds: cmds, RequireUniqueNames: true, RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error { return c.furnish(t, env) },
	})
}

// furnish makes a script's namespace and home.
func (c *Cluster) furnish(t testing.TB, env *testscript.Env) error {
	config, err := c.Config()
	if err != nil {
		return err
	}
	ns := Namespace(t, config)
	kubeconfig := filepath.Join(env.WorkDir, ".kubeconfig")
	if err := c.writeKubeconfig(kubeconfig, ns); err != nil {
		return err
	}
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	env.Setenv("NAMESPACE", ns)
	env.Setenv("KUBECONFIG", kubeconfig)
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("TESTDATA", filepath.Join(here, "testdata"))
	return nil
}

// writeKubeconfig writes a kubeconfig whose context is in the namespace.
func (c *Cluster) writeKubeconfig(path, namespace string) error {
	config, err := clientcmd.LoadFromFile(c.Kubeconfig)
	if err != nil {
		return err
	}
	current, ok := config.Contexts[config.CurrentContext]
	if !ok {
		return fmt.Errorf("%s has no current context", c.Kubeconfig)
	}
	config.Contexts = map[string]*clientcmdapi.Context{config.CurrentContext: current}
	current.Namespace = namespace
	return clientcmd.WriteToFile(*config, path)
}
