package kubeletsim

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// at is a moment some seconds after the start of a test's container.
func at(seconds int) time.Time { return benchStart.Add(time.Duration(seconds) * time.Second) }

// answering is a program whose answers change at the moments given, in seconds.
func answering(first result, changes ...int) func(time.Time) answer {
	return func(now time.Time) answer {
		a := answer{result: first}
		for _, c := range changes {
			if at(c).After(now) {
				a.until = at(c)
				break
			}
			a.result = success + failure - a.result
		}
		return a
	}
}

func TestOutlook(t *testing.T) {
	tests := map[string]struct {
		kind  probeType
		probe corev1.Probe
		ask   func(time.Time) answer
		now   int
		want  outlook // without the failed attempt's answer
	}{
		"at once":            {readiness, corev1.Probe{PeriodSeconds: 10}, answering(success), 0, outlook{result: success, since: at(0)}},
		"after its delay":    {readiness, corev1.Probe{PeriodSeconds: 10, InitialDelaySeconds: 5}, answering(success), 0, outlook{result: failure, next: at(10), better: true}},
		"often enough":       {readiness, corev1.Probe{PeriodSeconds: 10, SuccessThreshold: 3}, answering(success), 19, outlook{result: failure, next: at(20), better: true}},
		"for hours":          {readiness, corev1.Probe{PeriodSeconds: 1}, answering(success), 100_000, outlook{result: success, since: at(0)}},
		"never":              {readiness, corev1.Probe{PeriodSeconds: 10}, answering(failure), 25, outlook{result: failure, failed: attempt{at: at(20)}, again: at(30)}},
		"from some time on":  {readiness, corev1.Probe{PeriodSeconds: 10}, answering(failure, 15), 10, outlook{result: failure, next: at(20), better: true, failed: attempt{at: at(10)}}},
		"until some time":    {readiness, corev1.Probe{PeriodSeconds: 5, FailureThreshold: 3}, answering(success, 30), 34, outlook{result: success, since: at(0), next: at(40), failed: attempt{at: at(30)}, again: at(35)}},
		"not any more":       {readiness, corev1.Probe{PeriodSeconds: 5, FailureThreshold: 3}, answering(success, 30), 40, outlook{result: failure, since: at(40), failed: attempt{at: at(40)}, again: at(45)}},
		"a short failure":    {readiness, corev1.Probe{PeriodSeconds: 5, FailureThreshold: 3}, answering(success, 30, 40), 60, outlook{result: success, since: at(0), failed: attempt{at: at(35)}}},
		"between attempts":   {readiness, corev1.Probe{PeriodSeconds: 10, FailureThreshold: 1}, answering(success, 11, 19), 60, outlook{result: success, since: at(0)}},
		"there and back":     {readiness, corev1.Probe{PeriodSeconds: 10, FailureThreshold: 2}, answering(success, 15, 35), 60, outlook{result: success, since: at(40), failed: attempt{at: at(30)}}},
		"could not be made":  {readiness, corev1.Probe{PeriodSeconds: 10, FailureThreshold: 1}, answering(unknown), 15, outlook{result: failure, failed: attempt{at: at(10)}, again: at(20)}},
		"lives":              {liveness, corev1.Probe{PeriodSeconds: 10, InitialDelaySeconds: 50}, answering(success), 0, outlook{result: success}},
		"will die":           {liveness, corev1.Probe{PeriodSeconds: 5, FailureThreshold: 3}, answering(success, 30), 0, outlook{result: success, next: at(40), again: at(30)}},
		"dead: no more":      {liveness, corev1.Probe{PeriodSeconds: 5, FailureThreshold: 3}, answering(failure), 60, outlook{result: failure, since: at(10), failed: attempt{at: at(10)}}},
		"dead for good":      {liveness, corev1.Probe{PeriodSeconds: 5, FailureThreshold: 3}, answering(failure, 20), 60, outlook{result: failure, since: at(10), failed: attempt{at: at(10)}}},
		"could not be asked": {liveness, corev1.Probe{PeriodSeconds: 10, FailureThreshold: 1}, answering(unknown), 15, outlook{result: success, failed: attempt{at: at(10)}, again: at(20)}},
		"starts":             {startup, corev1.Probe{PeriodSeconds: 5, FailureThreshold: 10}, answering(failure, 22), 20, outlook{next: at(25), better: true, failed: attempt{at: at(20)}}},
		"has started":        {startup, corev1.Probe{PeriodSeconds: 5, FailureThreshold: 10}, answering(failure, 22, 30), 90, outlook{result: success, since: at(25), failed: attempt{at: at(20)}}},
		"does not start":     {startup, corev1.Probe{PeriodSeconds: 5, FailureThreshold: 2}, answering(failure, 22), 20, outlook{result: failure, since: at(5), failed: attempt{at: at(5)}}},
		"absurd numbers":     {liveness, corev1.Probe{PeriodSeconds: math.MaxInt32, FailureThreshold: math.MaxInt32, InitialDelaySeconds: math.MaxInt32}, answering(failure), 0, outlook{result: success, next: at(math.MaxInt32).Add(100 * 365 * 24 * time.Hour), again: at(math.MaxInt32)}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := worker{kind: test.kind, probe: &test.probe, started: benchStart, begins: benchStart, ask: test.ask}
			got := w.outlook(at(test.now))
			got.failed.answer = answer{}
			require.Equal(t, test.want, got)
		})
	}
}

// TestOutlookAgrees follows each probe attempt by attempt, as upstream's worker
// does, and finds that the outlook says the same at every second.
func TestOutlookAgrees(t *testing.T) {
	for _, kind := range []probeType{startup, readiness, liveness} {
		for pattern := range 1 << 6 {
			for _, p := range []corev1.Probe{
				{PeriodSeconds: 2, FailureThreshold: 1},
				{PeriodSeconds: 3, FailureThreshold: 3, InitialDelaySeconds: 4},
				{PeriodSeconds: 2, FailureThreshold: 2, SuccessThreshold: 2},
			} {
				var changes []int
				for bit := range 6 {
					if pattern>>bit&1 == 1 {
						changes = append(changes, 5*bit+3)
					}
				}
				w := worker{kind: kind, probe: &p, started: benchStart, begins: benchStart, ask: answering(success, changes...)}
				held, run, last := w.initial(), 0, unknown
				for second := range 60 {
					onHold := kind == startup && held != unknown || kind == liveness && held == failure
					if due := at(second).Sub(w.first()); due >= 0 && due%w.period() == 0 && !onHold {
						a := w.ask(at(second)).result
						if a != last {
							run, last = 0, a
						}
						if run++; run >= w.threshold(a) {
							held = a
						}
					}
					require.Equal(t, held, w.outlook(at(second)).result, "%s %+v %v at %ds", kind, p, changes, second)
				}
			}
		}
	}
}

func TestAnswers(t *testing.T) {
	http := func(port int, path string) *corev1.Probe {
		return &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: path, Port: intstr.FromInt(port)}}}
	}
	tcp := func(port intstr.IntOrString) *corev1.Probe {
		return &corev1.Probe{ProbeHandler: corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: port}}}
	}
	host := func(name string) *corev1.Probe {
		p := tcp(intstr.FromInt(80))
		p.TCPSocket.Host = name
		return p
	}
	https := http(80, "/")
	https.HTTPGet.Scheme = corev1.URISchemeHTTPS
	grpc := &corev1.Probe{ProbeHandler: corev1.ProbeHandler{GRPC: &corev1.GRPCAction{Port: 80}}, TimeoutSeconds: 2}
	exec := func(command ...string) *corev1.Probe {
		return &corev1.Probe{ProbeHandler: corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: command}}}
	}
	nginx := corev1.Container{Name: "c", Image: "nginx:1.22"}
	redis := corev1.Container{Name: "c", Image: "redis"}
	app := corev1.Container{Name: "c", Image: "example.com/app", Ports: []corev1.ContainerPort{{Name: "web", ContainerPort: 8080}}}
	bare := corev1.Container{Name: "c", Image: "example.com/app"}
	idle := corev1.Container{Name: "c", Image: "nginx", Command: []string{"sleep", "60"}, Ports: app.Ports}
	netcat := corev1.Container{Name: "c", Image: "busybox", Args: []string{"sh", "-c", "nc -lk -p 8080"}, Ports: app.Ports}
	busybox := corev1.Container{Name: "c", Image: "registry.k8s.io/busybox:1.27.2", VolumeMounts: []corev1.VolumeMount{{Name: "conf", MountPath: "/conf"}, {Name: "none", MountPath: "/none"}}}
	agnhost := corev1.Container{Name: "c", Image: "registry.k8s.io/e2e-test-images/agnhost:2.40", Args: []string{"liveness"}}
	files := []nodelocal.FileChange{{Path: "/tmp/healthy"}, {Path: "/tmp/healthy", Removed: true}}
	files[0].Time.Time, files[1].Time.Time = at(0), at(30)

	yes := answer{result: success}
	no := func(output string) answer { return answer{result: failure, output: output} }
	until := func(a answer, seconds int) answer { a.until = at(seconds); return a }
	tests := map[string]struct {
		spec  corev1.Container
		probe *corev1.Probe
		now   int
		want  answer
	}{
		"a page":               {nginx, http(80, "/"), 0, yes},
		"a page with a query":  {nginx, http(80, "/index.html?a=b"), 0, yes},
		"no page":              {nginx, http(80, "/healthz"), 0, no("HTTP probe failed with statuscode: 404")},
		"no web server":        {nginx, http(8080, "/a b"), 0, no(`Get "http://10.0.0.1:8080/a%20b": dial tcp 10.0.0.1:8080: connect: connection refused`)},
		"no TLS":               {nginx, https, 0, no(`Get "https://10.0.0.1:80/": http: server gave HTTP response to HTTPS client`)},
		"no HTTP":              {redis, http(6379, "/"), 0, no(`Get "http://10.0.0.1:6379/": EOF`)},
		"healthy for a while":  {agnhost, http(8080, "/healthz"), 10, answer{result: success, until: at(10).Add(1)}},
		"not healthy any more": {agnhost, http(8080, "/healthz"), 11, no("HTTP probe failed with statuscode: 500")},
		"a port":               {redis, tcp(intstr.FromInt(6379)), 0, yes},
		"another port":         {redis, tcp(intstr.FromInt(80)), 0, no("dial tcp 10.0.0.1:80: connect: connection refused")},
		"a neighbour's port":   {redis, tcp(intstr.FromInt(9090)), 0, yes},
		"a declared port":      {app, http(8080, "/healthz"), 0, yes},
		"an undeclared port":   {app, tcp(intstr.FromInt(81)), 0, no("dial tcp 10.0.0.1:81: connect: connection refused")},
		"nothing declared":     {bare, http(81, "/"), 0, yes},
		"a program that idles": {idle, tcp(intstr.FromInt(8080)), 0, no("dial tcp 10.0.0.1:8080: connect: connection refused")},
		"an unknown script":    {netcat, tcp(intstr.FromInt(8080)), 0, yes},
		"a named port":         {app, tcp(intstr.FromString("web")), 0, yes},
		"an unknown name":      {app, tcp(intstr.FromString("wbe")), 0, answer{output: `port "wbe" not found`}},
		"no port":              {app, http(0, "/"), 0, answer{output: "invalid port number: 0"}},
		"the node itself":      {nginx, host("127.0.0.1"), 0, no("dial tcp 127.0.0.1:80: connect: connection refused")},
		"another address":      {nginx, host("192.0.2.1"), 0, no("dial tcp 192.0.2.1:80: i/o timeout")},
		"another host":         {nginx, host("example.com"), 0, no("dial tcp: lookup example.com: no such host")},
		"no gRPC":              {nginx, grpc, 0, no(`timeout: failed to connect service "10.0.0.1:80" within 2s: context deadline exceeded`)},
		"gRPC":                 {bare, grpc, 0, yes},
		"true":                 {redis, exec("true"), 0, yes},
		"unknown command":      {redis, exec("redis-cli", "ping"), 0, yes},
		"a false script":       {redis, exec("sh", "-c", "exit 1"), 0, no("")},
		"too slow":             {redis, exec("sleep", "5"), 0, no(`command timed out: "sleep 5" timed out after 1s`)},
		"a file":               {busybox, exec("cat", "/tmp/healthy"), 29, until(yes, 30)},
		"a removed file":       {busybox, exec("cat", "/tmp/healthy"), 30, no("cat: can't open '/tmp/healthy': No such file or directory\n")},
		"a missing file":       {nginx, exec("cat", "/tmp/ready"), 30, no("cat: /tmp/ready: No such file or directory\n")},
		"a test":               {busybox, exec("test", "-f", "/tmp/healthy"), 30, no("")},
		"a list":               {busybox, exec("ls", "/tmp/healthy"), 30, no("ls: /tmp/healthy: No such file or directory\n")},
		"a list by GNU":        {nginx, exec("ls", "/ready"), 30, no("ls: cannot access '/ready': No such file or directory\n")},
		"an image's file":      {nginx, exec("cat", "/etc/nginx/nginx.conf"), 30, yes},
		"a mounted file":       {busybox, exec("cat", "/conf/a"), 30, yes},
		"an empty volume":      {busybox, exec("cat", "/none/a"), 30, no("cat: can't open '/none/a': No such file or directory\n")},
		"an unknown image's":   {bare, exec("cat", "/app/version"), 30, yes},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := nodelocal.Container{Name: "c", Files: files}
			c.Started.Time = benchStart
			pod := &corev1.Pod{}
			pod.Spec.Containers = []corev1.Container{test.spec, {Name: "neighbour", Image: "example.com/metrics", Ports: []corev1.ContainerPort{{ContainerPort: 9090}}}}
			pod.Spec.Volumes = []corev1.Volume{{Name: "none", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}}
			about := target{pod: pod, ip: "10.0.0.1", spec: &test.spec, c: &c}
			got := about.answer(test.probe, at(test.now))
			if test.probe.Exec != nil && test.now == 0 && test.want.until.IsZero() {
				got.until = time.Time{} // files may change what a command says
			}
			require.Equal(t, test.want, got)
		})
	}
}
