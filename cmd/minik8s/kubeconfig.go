package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/minik8s/minik8s/apiserver/wire"
)

// adminConfig is a kubeconfig that knows one cluster only.
func adminConfig(name, server string, c *wire.Credentials) *clientcmdapi.Config {
	config := clientcmdapi.NewConfig()
	config.Clusters[name] = &clientcmdapi.Cluster{Server: server, CertificateAuthorityData: c.CA}
	config.AuthInfos[name] = &clientcmdapi.AuthInfo{ClientCertificateData: c.Admin.Cert, ClientKeyData: c.Admin.Key}
	config.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
	config.CurrentContext = name
	return config
}

// kubeconfigToChange is the file that "up" adds its context to: the one that
// the user names, else the first of KUBECONFIG that can be written, else
// ~/.kube/config.
func kubeconfigToChange(flag string) string {
	if flag != "" {
		return flag
	}
	files := slices.DeleteFunc(filepath.SplitList(os.Getenv("KUBECONFIG")), func(f string) bool { return f == "" })
	for _, file := range files {
		if writable(file) {
			return file
		}
	}
	if len(files) > 0 {
		return files[len(files)-1] // as kubectl does when none exists
	}
	return clientcmd.RecommendedHomeFile
}

func writable(path string) bool {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return false
	}
	f.Close()
	return true
}

// addContext merges a cluster's context into a kubeconfig and makes it the
// current one. It returns which was current before.
func addContext(path string, admin *clientcmdapi.Config) (previous string, err error) {
	name := admin.CurrentContext
	err = changeKubeconfig(path, func(config *clientcmdapi.Config) {
		previous = config.CurrentContext
		config.Clusters[name] = admin.Clusters[name]
		config.AuthInfos[name] = admin.AuthInfos[name]
		config.Contexts[name] = admin.Contexts[name]
		config.CurrentContext = name
	})
	return previous, err
}

// removeContext undoes addContext.
func removeContext(path, name, previous string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return changeKubeconfig(path, func(config *clientcmdapi.Config) {
		delete(config.Clusters, name)
		delete(config.AuthInfos, name)
		delete(config.Contexts, name)
		if config.CurrentContext != name {
			return
		}
		config.CurrentContext = ""
		if _, ok := config.Contexts[previous]; ok {
			config.CurrentContext = previous
		}
	})
}

// changeKubeconfig reads, changes and replaces a kubeconfig while it holds the
// lock that kubectl takes, too.
func changeKubeconfig(path string, change func(*clientcmdapi.Config)) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // replace the file, not the link to it
	}
	unlock, err := lockKubeconfig(path)
	if err != nil {
		return err
	}
	defer unlock()
	mode := fs.FileMode(0o600)
	config, err := clientcmd.LoadFromFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		config = clientcmdapi.NewConfig()
	case err != nil:
		return fmt.Errorf("reading the kubeconfig %s: %w", path, err)
	default:
		if info, err := os.Stat(path); err == nil {
			mode = info.Mode().Perm()
		}
	}
	change(config)
	text, err := clientcmd.Write(*config)
	if err != nil {
		return err
	}
	return writeFile(path, text, mode)
}

// lockPatience is how long a lock on a kubeconfig is waited for.
const lockPatience = 3 * time.Second

// Upstream: client-go/tools/clientcmd (lockFile), but it waits for a while.
func lockKubeconfig(path string) (unlock func(), err error) {
	lock := path + ".lock"
	for deadline := time.Now().Add(lockPatience); ; time.Sleep(20 * time.Millisecond) {
		f, err := os.OpenFile(lock, os.O_CREATE|os.O_EXCL, 0)
		if err == nil {
			f.Close()
			return func() { os.Remove(lock) }, nil
		}
		if !errors.Is(err, fs.ErrExist) || time.Now().After(deadline) {
			return nil, fmt.Errorf("locking the kubeconfig: %w (if no other program changes it now, remove %s)", err, lock)
		}
	}
}

// rememberContext adds the cluster's context to a kubeconfig and notes what
// was current before. A context that is there already is renewed.
func (h home) rememberContext(flag string) (file string, err error) {
	admin, err := clientcmd.LoadFromFile(h.path("admin.conf"))
	if err != nil {
		return "", err
	}
	file = kubeconfigToChange(flag)
	previous, err := addContext(file, admin)
	if err != nil {
		return "", fmt.Errorf("adding the context %q: %w", h.name, err)
	}
	if previous == h.name {
		previous = ""
		if before := h.context(); before != nil {
			previous = before.Previous
		}
	}
	return file, writeJSON(h.path("context.json"), contextRecord{Kubeconfig: file, Previous: previous})
}

// forgetContext undoes rememberContext.
func (h home) forgetContext(flag string) error {
	remembered := h.context()
	if remembered == nil {
		remembered = &contextRecord{Kubeconfig: kubeconfigToChange(flag)}
	}
	return removeContext(remembered.Kubeconfig, h.name, remembered.Previous)
}
