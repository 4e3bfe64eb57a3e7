package wire

import (
	"runtime"

	"k8s.io/apimachinery/pkg/version"
)

// The release of Kubernetes whose API is modelled.
const majorVersion, minorVersion = 1, 37

// Version is the answer to /version: the Kubernetes release whose API is
// modelled, with a build tag that says by whom.
func Version() version.Info {
	return version.Info{
		Major:                 "1",
		Minor:                 "37",
		EmulationMajor:        "1",
		EmulationMinor:        "37",
		MinCompatibilityMajor: "1",
		MinCompatibilityMinor: "36",
		GitVersion:            "v1.37.2+minik8s",
		GitCommit:             "",
		GitTreeState:          "clean",
		BuildDate:             "2026-01-01T00:00:00Z",
		GoVersion:             runtime.Version(),
		Compiler:              runtime.Compiler,
		Platform:              runtime.GOOS + "/" + runtime.GOARCH,
	}
}
