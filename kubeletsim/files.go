package kubeletsim

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// hasFile says whether a container's program finds a file at a moment.
//
// Upstream: a container's file system, without what is in images and volumes: a file that the program has not made itself is there if every system has it, if a volume other than an empty one is mounted above it, or if nobody knows the image and it is not below /tmp.
func hasFile(pod *corev1.Pod, spec *corev1.Container, c *nodelocal.Container, file string, at time.Time) bool {
	for i := len(c.Files) - 1; i >= 0; i-- {
		if f := &c.Files[i]; f.Path == file && !f.Time.After(at) {
			return !f.Removed
		}
	}
	if isStandardFile(file) {
		return true
	}
	for i := range spec.VolumeMounts {
		if m := &spec.VolumeMounts[i]; isBelow(file, m.MountPath) {
			return file == m.MountPath || !isEmptyDir(pod, m.Name)
		}
	}
	img, err := parseImage(spec.Image)
	if err != nil {
		return false
	}
	switch img.repository {
	case "library/nginx", "nginx-slim":
		switch file {
		case "/usr/share/nginx/html/index.html", "/etc/nginx/nginx.conf", "/run/nginx.pid", "/var/run/nginx.pid":
			return true
		}
	}
	_, known := catalogue(img)
	return !known && !isBelow(file, "/tmp")
}

// nextFileChange is when the files of a container's program change next after
// a moment, or zero.
func nextFileChange(c *nodelocal.Container, at time.Time) time.Time {
	for i := range c.Files {
		if f := &c.Files[i]; f.Time.After(at) {
			return f.Time.Time
		}
	}
	return time.Time{}
}

// isStandardFile says whether every container has a file.
func isStandardFile(file string) bool {
	switch file {
	case "/", "/bin", "/bin/sh", "/dev", "/dev/null", "/etc", "/etc/hostname", "/etc/hosts", "/etc/passwd",
		"/etc/resolv.conf", "/home", "/proc", "/root", "/sys", "/tmp", "/usr", "/usr/bin", "/var", ".":
		return true
	}
	return false
}

func isBelow(file, dir string) bool {
	rest, ok := strings.CutPrefix(file, strings.TrimSuffix(dir, "/"))
	return ok && (rest == "" || rest[0] == '/')
}

func isEmptyDir(pod *corev1.Pod, volume string) bool {
	for i := range pod.Spec.Volumes {
		if v := &pod.Spec.Volumes[i]; v.Name == volume {
			return v.EmptyDir != nil
		}
	}
	return false
}

// hasBusyBox says whether an image's commands are those of BusyBox.
func hasBusyBox(name string) bool {
	img, err := parseImage(name)
	return err == nil && (strings.HasSuffix(img.repository, "busybox") || strings.HasSuffix(img.repository, "alpine") ||
		strings.Contains(img.tag, "alpine"))
}
