package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"time"
)

// defaultName is what a cluster and its context are called, unless --name or
// MINIK8S_NAME says otherwise.
const defaultName = "minik8s"

func nameFromEnvironment() string {
	if name := os.Getenv("MINIK8S_NAME"); name != "" {
		return name
	}
	return defaultName
}

// home is the directory in which the commands of one cluster find each other.
// It holds
//
//	lock          held by the cluster's process for as long as it lives
//	cluster.json  where the process can be reached (record)
//	admin.conf    a kubeconfig with credentials for it, mode 0600
//	context.json  which kubeconfig names it, and what was current before (contextRecord)
//	log           what the process has to say
type home struct {
	name, dir string
}

// record is what a cluster's process writes down once it serves.
type record struct {
	Name   string         `json:"name"`
	PID    int            `json:"pid"`
	Server string         `json:"server"` // "https://127.0.0.1:40123"
	Since  time.Time      `json:"since"`  // wall clock
	With   clusterOptions `json:"with"`
}

// contextRecord is what "up" did to a kubeconfig, for "down" to undo.
type contextRecord struct {
	Kubeconfig string `json:"kubeconfig"`
	Previous   string `json:"previous,omitempty"` // the current context before
}

var validName = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$`)

// homeOf returns the home of a cluster, which need not exist yet.
func homeOf(name string) (home, error) {
	if !validName.MatchString(name) {
		return home{}, fmt.Errorf("%q cannot be a cluster's name: use lower-case letters, digits, dots and dashes, such as %q", name, defaultName)
	}
	homes, err := homesDirectory()
	if err != nil {
		return home{}, fmt.Errorf("finding the user's state directory: %w", err)
	}
	return home{name: name, dir: filepath.Join(homes, name)}, nil
}

// runningClusters are the names of the clusters that are up, in order.
func runningClusters() []string {
	homes, err := homesDirectory()
	if err != nil {
		return nil
	}
	entries, _ := os.ReadDir(homes) // none was ever started
	var names []string
	for _, e := range entries {
		if h, err := homeOf(e.Name()); err == nil && h.running() {
			names = append(names, h.name)
		}
	}
	return names
}

// homesDirectory has the home of each cluster in it.
func homesDirectory() (string, error) {
	dir, err := stateDirectory()
	return filepath.Join(dir, "minik8s"), err
}

// stateDirectory is where programs of this user keep their state.
func stateDirectory() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	switch runtime.GOOS {
	case "windows":
		return os.UserCacheDir() // %LocalAppData%
	case "darwin":
		return os.UserConfigDir() // ~/Library/Application Support
	}
	dir, err := os.UserHomeDir()
	return filepath.Join(dir, ".local", "state"), err
}

func (h home) path(file string) string { return filepath.Join(h.dir, file) }

func (h home) make() error { return os.MkdirAll(h.dir, 0o700) }

// running says whether the cluster's process is alive: it holds the lock
// until it ends, however it ends.
func (h home) running() bool {
	lock, err := lockFile(h.path("lock"))
	if err == nil {
		lock.Close()
	}
	return errors.Is(err, errLocked)
}

// lock makes this process the cluster's. Whoever has just asked whether it
// runs may hold the lock for a moment.
func (h home) lock() (lock *os.File, err error) {
	for deadline := time.Now().Add(time.Second); ; time.Sleep(10 * time.Millisecond) {
		lock, err = lockFile(h.path("lock"))
		switch {
		case err == nil:
			return lock, nil
		case !errors.Is(err, errLocked):
			return nil, fmt.Errorf("locking the state directory: %w", err)
		case time.Now().After(deadline):
			return nil, fmt.Errorf("another process serves or starts cluster %q", h.name)
		}
	}
}

// record returns nil if there is none that can be read.
func (h home) record() *record { return readJSON[record](h.path("cluster.json")) }

func (h home) context() *contextRecord { return readJSON[contextRecord](h.path("context.json")) }

// removeTraces forgets a cluster that no longer runs. The log stays.
func (h home) removeTraces() error {
	var errs []error
	for _, file := range []string{"cluster.json", "admin.conf", "context.json"} {
		if err := os.Remove(h.path(file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func readJSON[T any](path string) *T {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	var v T
	if json.Unmarshal(text, &v) != nil {
		return nil
	}
	return &v
}

func writeJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(path, append(text, '\n'), 0o600)
}

// writeFile replaces a file in one go: whoever reads it meets the old content
// or the new, never a part.
func writeFile(path string, content []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it is renamed
	_, err = f.Write(content)
	if err := errors.Join(err, f.Chmod(mode), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
