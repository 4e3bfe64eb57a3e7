package wire_test

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// TestHTTP runs the exchanges in testdata/http. Each is a request as it goes
// over the wire (method and path, headers, an empty line, the body), with the
// answer below it. JSON is shown as YAML, which is easier to read. Commands:
//
//	http        sends the request and shows the whole answer
//	http brief  shows the status and the message of a Status, or the kind
//	raw         does not turn JSON into YAML
//
// A body can have in it {{repeat "text" 3}} and {{bytes "fffe"}}.
//
//	after d=1h  moves the world's clock
func TestHTTP(t *testing.T) {
	datadriven.Walk(t, "testdata/http", func(t *testing.T, path string) {
		w := newWorld(t)
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			w.t = t
			switch d.Cmd {
			case "after":
				var text string
				d.ScanArgs(t, "d", &text)
				by, err := time.ParseDuration(text)
				require.NoError(t, err)
				w.advance(by)
				return ""
			case "http", "raw":
				code, header, body := w.exchange(d.Input)
				if d.HasArg("brief") {
					return fmt.Sprintf("%d %s\n", code, brief(t, body))
				}
				return showHeader(code, header) + showBody(t, header, body, d.Cmd == "raw")
			}
			d.Fatalf(t, "unknown command %q", d.Cmd)
			return ""
		})
	})
}

// exchange sends a request that is written as in HTTP.
func (w *world) exchange(text string) (int, http.Header, string) {
	head, body, _ := strings.Cut(text, "\n\n")
	body = w.expand(body)
	lines := strings.Split(strings.TrimSpace(head), "\n")
	method, path, _ := strings.Cut(lines[0], " ")
	code, answer, header := w.send(method, path, body, lines[1:]...)
	return code, header, answer
}

// expand writes out what a file should not hold: bytes that are no text, and a
// lot of the same.
func (w *world) expand(body string) string {
	if !strings.Contains(body, "{{repeat ") && !strings.Contains(body, "{{bytes ") {
		return body
	}
	functions := template.FuncMap{
		"repeat": strings.Repeat,
		"bytes":  func(digits string) (string, error) { b, err := hex.DecodeString(digits); return string(b), err },
	}
	var expanded strings.Builder
	require.NoError(w.t, template.Must(template.New("body").Funcs(functions).Parse(body)).Execute(&expanded, nil))
	return expanded.String()
}

// showHeader leaves out what every answer has.
func showHeader(code int, header http.Header) string {
	out := fmt.Sprintf("%d %s\n", code, http.StatusText(code))
	var names []string
	for name := range header {
		if !slices.Contains([]string{"Audit-Id", "Content-Length", "Date", "Etag", "Last-Modified", "X-Kubernetes-Pf-Flowschema-Uid", "X-Kubernetes-Pf-Prioritylevel-Uid"}, name) && !(name == "Cache-Control" && header.Get(name) == "no-cache, private") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range header[name] {
			out += name + ": " + value + "\n"
		}
	}
	return out
}

func showBody(t *testing.T, header http.Header, body string, raw bool) string {
	if raw || !strings.HasPrefix(header.Get("Content-Type"), "application/json") {
		return body + "\n"
	}
	text, err := yaml.JSONToYAML([]byte(body))
	require.NoError(t, err)
	return string(text)
}

func brief(t *testing.T, body string) string {
	if !strings.HasPrefix(body, "{") {
		return strings.TrimSpace(body)
	}
	object := parse(t, body)
	if object["kind"] == "Status" && object["status"] == "Failure" {
		return fmt.Sprintf("%v: %v", object["reason"], object["message"])
	}
	return fmt.Sprintf("%v %v", object["apiVersion"], object["kind"])
}
