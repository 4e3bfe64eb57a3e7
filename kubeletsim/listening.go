package kubeletsim

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// site is the web server of a program that has been up for some time: the
// status code it gives for a path, and at which uptime that changes (zero is never).
type site func(path string, up time.Duration) (code int, changes time.Duration)

// listening is what a container's program accepts connections on.
type listening struct {
	port int32 // of a known program; zero for none
	site site  // nil if it does not speak HTTP
	// declared is a program that nobody knows: it is taken to listen on the
	// ports that its container declares, or on any if it declares none.
	declared bool
}

// listens says what a container's program listens on.
func listens(spec *corev1.Container) listening {
	img, err := parseImage(spec.Image)
	if err != nil {
		return listening{declared: true}
	}
	known, ok := catalogue(img)
	if argv := commandLine(*spec, known.shell); len(argv) > 0 && isCommand(argv[0]) {
		return listening{declared: !understands(argv)}
	}
	if !ok || len(spec.Command) > 0 {
		return listening{declared: true}
	}
	return imageListens(img, spec.Args)
}

// on says whether a program accepts connections on a port of its Pod.
func (l listening) on(port int32, spec *corev1.Container) bool {
	if !l.declared {
		return l.port == port
	}
	return len(spec.Ports) == 0 ||
		slices.ContainsFunc(spec.Ports, func(p corev1.ContainerPort) bool { return p.ContainerPort == port })
}

// imageListens says what an image of the catalogue listens on when it runs its
// own program.
func imageListens(i image, args []string) listening {
	switch i.name() {
	case dockerHub + "/library/nginx", "registry.k8s.io/nginx-slim":
		return listening{port: 80, site: nginxSite}
	case dockerHub + "/library/httpd":
		return listening{port: 80, site: httpdSite}
	case dockerHub + "/library/wordpress", dockerHub + "/docker/getting-started", dockerHub + "/nginxdemos/hello":
		return listening{port: 80, site: everyPage}
	case "registry.k8s.io/echoserver", "gcr.io/google-samples/hello-app", "gcr.io/google-samples/kubernetes-bootcamp":
		return listening{port: 8080, site: everyPage}
	case "registry.k8s.io/e2e-test-images/agnhost":
		return agnhost(args)
	case dockerHub + "/library/redis":
		return listening{port: 6379}
	case dockerHub + "/library/memcached":
		return listening{port: 11211}
	case dockerHub + "/library/rabbitmq":
		return listening{port: 5672}
	case dockerHub + "/library/mongo":
		return listening{port: 27017}
	case dockerHub + "/library/mysql", dockerHub + "/library/mariadb":
		return listening{port: 3306}
	case dockerHub + "/library/postgres":
		return listening{port: 5432}
	}
	return listening{}
}

// agnhost is many programs in one; without an argument it only waits.
//
// Upstream: test/images/agnhost, without any but liveness being known: the others are taken to listen on the ports that are declared.
func agnhost(args []string) listening {
	switch {
	case len(args) == 0 || args[0] == "pause":
		return listening{}
	case args[0] == "liveness":
		return listening{port: 8080, site: livenessSite}
	}
	return listening{declared: true}
}

const (
	httpOK          = 200
	httpNotFound    = 404
	httpServerError = 500
)

func everyPage(string, time.Duration) (int, time.Duration) { return httpOK, 0 }

func nginxSite(path string, _ time.Duration) (int, time.Duration) {
	switch path {
	case "", "/", "/index.html", "/50x.html":
		return httpOK, 0
	}
	return httpNotFound, 0
}

func httpdSite(path string, _ time.Duration) (int, time.Duration) {
	switch path {
	case "", "/", "/index.html":
		return httpOK, 0
	}
	return httpNotFound, 0
}

// livenessSite is healthy for ten seconds.
//
// Upstream: test/images/agnhost/liveness.
func livenessSite(path string, up time.Duration) (int, time.Duration) {
	const healthy = 10 * time.Second
	switch {
	case path == "/started":
		return httpOK, 0
	case path != "/healthz":
		return httpNotFound, 0
	case up <= healthy:
		return httpOK, healthy + 1
	}
	return httpServerError, 0
}
