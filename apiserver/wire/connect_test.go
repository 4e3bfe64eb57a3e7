package wire_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/transport/spdy"
	utilexec "k8s.io/utils/exec"

	"github.com/minik8s/minik8s/apiserver/wire"
	"github.com/minik8s/minik8s/kubeletsim"
	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// connected is a server over TLS with a Pod that runs, and a client of it.
func connected(t *testing.T, node wire.Node) (*world, *rest.Config, *kubernetes.Clientset) {
	w := newWorld(t, func(c *wire.Config) { c.Node = node })
	server := httptest.NewTLSServer(w.handler)
	t.Cleanup(server.Close)
	config := &rest.Config{Host: server.URL, BearerToken: "secret", TLSClientConfig: rest.TLSClientConfig{Insecure: true}, QPS: -1}
	client := kubernetes.NewForConfigOrDie(config)

	ctx := t.Context()
	_, err := client.CoreV1().Pods("default").Create(ctx, &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec:       corev1.PodSpec{NodeName: "node-1", Containers: []corev1.Container{{Name: "web", Image: "nginx"}}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	w.mustSend("PATCH", "/api/v1/namespaces/default/pods/web/status",
		`{"status":{"phase":"Running","podIPs":[{"ip":"10.42.0.5"}],"podIP":"10.42.0.5","containerStatuses":[{"name":"web","image":"nginx","imageID":"","ready":true,"restartCount":0,"state":{"running":{"startedAt":"2026-01-01T00:00:00Z"}}}]}}`,
		"Content-Type: application/merge-patch+json")
	return w, config, client
}

func lines(texts ...string) []nodelocal.LogLine {
	var all []nodelocal.LogLine
	for i, text := range texts {
		all = append(all, nodelocal.LogLine{Time: metav1.NewMicroTime(time.Date(2026, 1, 1, 0, 0, i, 5000, time.UTC)), Text: text})
	}
	return all
}

func TestLog(t *testing.T) {
	w, _, client := connected(t, wire.Node{Log: func(pod *corev1.Pod, container string, previous bool) (kubeletsim.Log, error) {
		require.Equal(t, "web/web", pod.Name+"/"+container)
		if previous {
			return kubeletsim.ReadLog(pod, nil, container, true)
		}
		return kubeletsim.Log{Lines: lines("one", "two", "three")}, nil
	}})
	w.advance(2 * time.Second)
	one, two, eight := int64(1), int64(2), int64(8)
	for _, test := range []struct {
		options corev1.PodLogOptions
		want    string
	}{
		{corev1.PodLogOptions{}, "one\ntwo\nthree\n"},
		{corev1.PodLogOptions{TailLines: &two}, "two\nthree\n"},
		{corev1.PodLogOptions{TailLines: new(int64)}, ""},
		{corev1.PodLogOptions{SinceSeconds: &one}, "two\nthree\n"},
		{corev1.PodLogOptions{SinceTime: &metav1.Time{Time: time.Date(2026, 1, 1, 0, 0, 2, 0, time.UTC)}}, "three\n"},
		{corev1.PodLogOptions{LimitBytes: &eight}, "one\ntwo\n"},
		{corev1.PodLogOptions{TailLines: &one, Timestamps: true}, "2026-01-01T00:00:02.000005Z three\n"},
		{corev1.PodLogOptions{Follow: true, TailLines: &one}, "three\n"},
	} {
		body, err := client.CoreV1().Pods("default").GetLogs("web", &test.options).DoRaw(t.Context())
		require.NoError(t, err)
		require.Equal(t, test.want, string(body), "%+v", test.options)
	}
	_, err := client.CoreV1().Pods("default").GetLogs("web", &corev1.PodLogOptions{Previous: true}).Stream(t.Context())
	require.EqualError(t, err, `previous terminated container "web" in pod "web" not found`)

	for path, want := range map[string]string{
		"web/log?tailLines=many":  `strconv.ParseInt: parsing \"many\": invalid syntax`,
		"web/log?container=x":     "container x is not valid for pod web",
		"web/log?sinceSeconds=-1": "must be greater than 0",
		"none/log":                `pods \"none\" not found`,
	} {
		code, body, _ := w.send("GET", "/api/v1/namespaces/default/pods/"+path, "")
		require.Contains(t, body, want)
		require.GreaterOrEqual(t, code, 400)
	}
	code, _, _ := w.send("POST", "/api/v1/namespaces/default/pods/web/log", "")
	require.Equal(t, http.StatusMethodNotAllowed, code)
}

// A log that is followed goes on when there is more, and ends with the container.
func TestFollowLog(t *testing.T) {
	var now kubeletsim.Log
	now = kubeletsim.Log{Lines: lines("one"), Open: true}
	reads := make(chan kubeletsim.Log, 10)
	_, _, client := connected(t, wire.Node{Log: func(*corev1.Pod, string, bool) (kubeletsim.Log, error) {
		select {
		case now = <-reads:
		default:
		}
		return now, nil
	}})
	stream, err := client.CoreV1().Pods("default").GetLogs("web", &corev1.PodLogOptions{Follow: true}).Stream(t.Context())
	require.NoError(t, err)
	defer stream.Close()
	first := make([]byte, 4)
	_, err = io.ReadFull(stream, first)
	require.NoError(t, err)
	require.Equal(t, "one\n", string(first))
	reads <- kubeletsim.Log{Lines: lines("one", "two")}
	_, err = client.CoreV1().ConfigMaps("default").Create(t.Context(), configMap("news"), metav1.CreateOptions{})
	require.NoError(t, err)
	rest, err := io.ReadAll(stream)
	require.NoError(t, err)
	require.Equal(t, "two\n", string(rest))
}

// executors speak with pods/exec as kubectl does: over WebSockets, and as it
// did before, over SPDY.
func executors(t *testing.T, config *rest.Config, client *kubernetes.Clientset, subresource string, options *corev1.PodExecOptions) map[string]remotecommand.Executor {
	request := client.CoreV1().RESTClient().Post().Resource("pods").Namespace("default").Name("web").SubResource(subresource).
		VersionedParams(options, clientscheme.ParameterCodec)
	webSocket, err := remotecommand.NewWebSocketExecutor(config, "GET", request.URL().String())
	require.NoError(t, err)
	overSPDY, err := remotecommand.NewSPDYExecutor(config, "POST", request.URL())
	require.NoError(t, err)
	return map[string]remotecommand.Executor{"WebSocket": webSocket, "SPDY": overSPDY}
}

func TestExecNothingRuns(t *testing.T) {
	_, config, client := connected(t, wire.Node{})
	for name, executor := range executors(t, config, client, "exec", &corev1.PodExecOptions{Command: []string{"ls", "-l"}, Stdout: true, Stderr: true}) {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			err := executor.StreamWithContext(t.Context(), remotecommand.StreamOptions{Stdout: &out, Stderr: &errs})
			require.ErrorContains(t, err, "error executing command in container: failed to exec in container: failed to start exec")
			require.ErrorContains(t, err, `exec: "ls": executable file not found in $PATH`)
			require.Empty(t, out.String()+errs.String())
		})
	}
}

func TestExec(t *testing.T) {
	_, config, client := connected(t, wire.Node{Exec: func(_ context.Context, pod *corev1.Pod, container string, command []string, s wire.Streams) error {
		said, err := io.ReadAll(s.In)
		if err != nil {
			return err
		}
		io.WriteString(s.Out, container+" "+strings.Join(command, " ")+" "+string(said))
		io.WriteString(s.Err, "oh")
		return utilexec.CodeExitError{Err: io.EOF, Code: 3}
	}})
	for name, executor := range executors(t, config, client, "exec", &corev1.PodExecOptions{Command: []string{"cat", "-"}, Stdin: true, Stdout: true, Stderr: true}) {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			err := executor.StreamWithContext(t.Context(), remotecommand.StreamOptions{Stdin: strings.NewReader("hello"), Stdout: &out, Stderr: &errs})
			var exit utilexec.ExitError
			require.ErrorAs(t, err, &exit)
			require.Equal(t, 3, exit.ExitStatus())
			require.Equal(t, "web cat - hello", out.String())
			require.Equal(t, "oh", errs.String())
		})
	}
}

func TestExecRefused(t *testing.T) {
	w, _, _ := connected(t, wire.Node{})
	for path, want := range map[string]string{
		"web/exec?command=ls&stdout=true&container=x": "container x is not valid for pod web",
		"none/attach?stdout=true":                     `pods \"none\" not found`,
		"web/exec?command=ls&stdout=true":             "Upgrade request required",
		"web/exec/more?command=ls":                    "the server could not find the requested resource",
	} {
		code, body, _ := w.send("POST", "/api/v1/namespaces/default/pods/"+path, "")
		require.Contains(t, strings.ToLower(body), strings.ToLower(want), path)
		require.GreaterOrEqual(t, code, 400)
	}
}

func TestAttach(t *testing.T) {
	_, config, client := connected(t, wire.Node{Attach: func(_ context.Context, _ *corev1.Pod, _ string, s wire.Streams) error {
		_, err := io.WriteString(s.Out, "attached")
		return err
	}})
	for name, executor := range executors(t, config, client, "attach", &corev1.PodExecOptions{Stdout: true}) {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			require.NoError(t, executor.StreamWithContext(t.Context(), remotecommand.StreamOptions{Stdout: &out}))
			require.Equal(t, "attached", out.String())
		})
	}
}

func TestPortForward(t *testing.T) {
	_, config, _ := connected(t, wire.Node{PortForward: func(_ context.Context, _ *corev1.Pod, port int32, c io.ReadWriteCloser) error {
		heard := make([]byte, 4)
		if _, err := io.ReadFull(c, heard); err != nil {
			return err
		}
		_, err := io.WriteString(c, string(heard)+" pong")
		return err
	}})
	target, err := url.Parse(config.Host + "/api/v1/namespaces/default/pods/web/portforward")
	require.NoError(t, err)
	tunnel, err := portforward.NewSPDYOverWebsocketDialer(target, config)
	require.NoError(t, err)
	transport, upgrader, err := spdy.RoundTripperFor(config)
	require.NoError(t, err)
	for name, dial := range map[string]func() (io.Closer, string, error){
		"tunnel": func() (io.Closer, string, error) { return forward(tunnel.Dial(portforward.PortForwardProtocolV1Name)) },
		"SPDY": func() (io.Closer, string, error) {
			return forward(spdy.NewDialer(upgrader, &http.Client{Transport: transport}, "POST", target).Dial(portforward.PortForwardProtocolV1Name))
		},
	} {
		t.Run(name, func(t *testing.T) {
			connection, answer, err := dial()
			require.NoError(t, err)
			defer connection.Close()
			require.Equal(t, "ping pong", answer)
		})
	}
}

func TestProxy(t *testing.T) {
	w, _, _ := connected(t, wire.Node{})
	code, body, _ := w.send("GET", "/api/v1/namespaces/default/pods/web:80/proxy/", "")
	require.Equal(t, http.StatusBadGateway, code)
	require.Contains(t, body, "error trying to reach service: no program answers on 10.42.0.5:80")
	code, body, _ = w.send("GET", "/api/v1/namespaces/default/services/none/proxy/", "")
	require.Equal(t, http.StatusServiceUnavailable, code)
	require.Contains(t, body, `no endpoints available for service \"none\"`)

	var asked []string
	w, _, _ = connected(t, wire.Node{HTTP: roundTripper(func(r *http.Request) (*http.Response, error) {
		asked = append(asked, r.Method+" "+r.URL.String()+" for "+r.Header.Get("X-Forwarded-Uri"))
		return &http.Response{StatusCode: http.StatusTeapot, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("tea")), Request: r}, nil
	})})
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		code, body, _ := w.send(method, "/api/v1/namespaces/default/pods/web:80/proxy/a/b/?x=y", "")
		require.Equal(t, http.StatusTeapot, code, body)
		require.Equal(t, "tea", body)
	}
	require.Len(t, asked, 5)
	require.Equal(t, "GET http://10.42.0.5:80/a/b/?x=y for /api/v1/namespaces/default/pods/web:80/proxy/a/b/", asked[0])
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
