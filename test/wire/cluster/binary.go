package cluster

import (
	"fmt"
	"os/exec"
	"strings"
)

// Tool is the path of a command that this module's go.mod lists ("helm",
// "kubectl"). Go's build cache keeps it, so only the first call builds.
func Tool(name string) (string, error) { return output("go", "tool", "-n", name) }

// product is the folder of the product's module. The binary is built there,
// with the product's own versions of everything.
func product() (string, error) {
	return output("go", "list", "-m", "-f", "{{.Dir}}", "github.com/minik8s/minik8s")
}

// output runs a command and returns what it prints, without the newline at the
// end. What it prints on standard error is part of the error.
func output(name string, args ...string) (string, error) {
	c := exec.Command(name, args...)
	var failure strings.Builder
	c.Stderr = &failure
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s%s", c, err, out, failure.String())
	}
	return strings.TrimSpace(string(out)), nil
}
