package kubeletsim

import (
	"fmt"
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// checkSubPaths refuses a container that is to mount a part of a volume which
// cannot be named: its name depends on variables that are missing, or leads out
// of the volume.
//
// Upstream: pkg/kubelet (makeMounts), without mounts: of volumes only their names matter.
func checkSubPaths(spec *corev1.Container, vars map[string]string) error {
	for i := range spec.VolumeMounts {
		m := &spec.VolumeMounts[i]
		subPath := m.SubPath
		if m.SubPathExpr != "" {
			var err error
			if subPath, err = expandSubPath(m.SubPathExpr, vars); err != nil {
				return err
			}
		}
		if path.IsAbs(subPath) {
			return fmt.Errorf("error SubPath `%s` must not be an absolute path", subPath)
		}
		if slices.Contains(strings.Split(subPath, "/"), "..") {
			return fmt.Errorf("unable to provision SubPath `%s`: must not contain '..'", subPath)
		}
	}
	return nil
}

// expandSubPath replaces references to variables, all of which must have a value.
//
// Upstream: pkg/kubelet/container (ExpandContainerVolumeMounts).
func expandSubPath(expr string, vars map[string]string) (string, error) {
	var missing []string
	subPath := expandReferences(expr, func(name string) string {
		if vars[name] == "" {
			missing = append(missing, name)
		}
		return vars[name]
	})
	if len(missing) > 0 {
		slices.Sort(missing)
		return "", fmt.Errorf("missing value for %s", strings.Join(slices.Compact(missing), ", "))
	}
	return subPath, nil
}
