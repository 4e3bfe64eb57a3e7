// Command fidelity writes docs/fidelity.md: in what the simulator is like
// Kubernetes, and where it is deliberately simpler. Run it from the module's
// root:
//
//	go run ./internal/fidelity
//
// The page is made of the kinds and components as they are, and of the comments
// in the code that start with "Upstream:", so that whoever changes the code
// changes the page, and a test holds them together. What is said before them is
// in preface.md.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/kinds"
)

// page is where the page goes, from the module's root.
const page = "docs/fidelity.md"

func main() {
	if err := write("."); err != nil {
		fmt.Fprintln(os.Stderr, "fidelity:", err)
		os.Exit(1)
	}
}

func write(root string) error {
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		return fmt.Errorf("not in the module's root: %w", err)
	}
	packages, err := collect(os.DirFS(root))
	if err != nil {
		return err
	}
	name := filepath.Join(root, filepath.FromSlash(page))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(render(served(), packages)), 0o644)
}

// served is what a new cluster serves.
func served() []row {
	all := kinds.All()
	return rowsOf(all, minik8s.Components(kinds.NewRegistry(all), minik8s.Options{}))
}
