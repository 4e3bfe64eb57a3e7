package kubeletsim

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// knownImage is what the simulator knows of a public image.
type knownImage struct {
	size    int64 // bytes, compressed, about
	shell   bool  // its default command is a shell, and args are a command
	program Program
}

// catalogue looks up what an image is known for, whatever its tag.
func catalogue(i image) (knownImage, bool) {
	if i.registry != dockerHub {
		return catalogueElsewhere(i)
	}
	switch i.repository {
	case "library/nginx":
		return knownImage{size: 72_000_000, program: nginx}, true
	case "library/httpd":
		return server(60_000_000, time.Second,
			"[mpm_event:notice] [pid 1:tid 1] AH00489: Apache/2.4.65 (Unix) configured -- resuming normal operations",
			"[core:notice] [pid 1:tid 1] AH00094: Command line: 'httpd -D FOREGROUND'"), true
	case "library/redis":
		return server(51_000_000, 200*time.Millisecond, "* Ready to accept connections tcp"), true
	case "library/memcached":
		return server(33_000_000, 100*time.Millisecond), true
	case "library/rabbitmq":
		return server(103_000_000, 4*time.Second), true
	case "library/wordpress":
		return server(253_000_000, time.Second, "WordPress not found in /var/www/html - copying now..."), true
	case "library/mongo":
		return server(285_000_000, time.Second), true
	case "library/mysql":
		return knownImage{size: 233_000_000, program: mysql}, true
	case "library/mariadb":
		return knownImage{size: 121_000_000, program: mariadb}, true
	case "library/postgres":
		return knownImage{size: 159_000_000, program: postgres}, true
	case "library/busybox":
		return knownImage{size: 2_160_000, shell: true, program: shell}, true
	case "library/alpine":
		return knownImage{size: 3_650_000, shell: true, program: shell}, true
	case "library/ubuntu":
		return knownImage{size: 29_700_000, shell: true, program: shell}, true
	case "library/debian":
		return knownImage{size: 49_300_000, shell: true, program: shell}, true
	case "library/python":
		return knownImage{size: 365_000_000, shell: true, program: shell}, true
	case "docker/getting-started":
		return knownImage{size: 47_000_000, program: nginx}, true
	case "nginxdemos/hello":
		return server(17_000_000, 100*time.Millisecond), true
	}
	return knownImage{}, false
}

func catalogueElsewhere(i image) (knownImage, bool) {
	if name, ok := strings.CutPrefix(i.name(), "registry.k8s.io/e2e-test-images/"); ok && mirrored(name) {
		return catalogue(image{registry: dockerHub, repository: "library/" + name})
	}
	switch i.name() {
	case "registry.k8s.io/pause":
		return server(318_000, 50*time.Millisecond), true
	case "registry.k8s.io/e2e-test-images/agnhost", "registry.k8s.io/echoserver":
		return server(53_000_000, 100*time.Millisecond), true
	case "registry.k8s.io/nginx-slim":
		return knownImage{size: 8_000_000, program: nginx}, true
	case "gcr.io/google-samples/hello-app", "gcr.io/google-samples/kubernetes-bootcamp":
		return server(12_000_000, 100*time.Millisecond), true
	}
	return knownImage{}, false
}

// mirrored says whether Kubernetes' own tests have a copy of an image of Docker
// Hub under that name.
func mirrored(name string) bool {
	switch name {
	case "busybox", "nginx", "httpd":
		return true
	}
	return false
}

// server is an image that serves until it is told to stop.
func server(size int64, stopsAfter time.Duration, logs ...string) knownImage {
	return knownImage{size: size, program: func(corev1.Container, Environment) Run {
		return serves(stopsAfter, logs...)
	}}
}
