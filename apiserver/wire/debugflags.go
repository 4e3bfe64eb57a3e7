package wire

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"k8s.io/component-base/logs"
)

// debugFlagsIndex lists the flags that can be set while the server runs.
const debugFlagsIndex = `<html>
<head>
<title>/debug/flags/</title>
</head>
<body>
/debug/flags/<br>
<br>
flags:<br>
<table>
<tr>v<br>
</table>
<br>
full flags configurable<br>
</body>
</html>
`

func isDebugFlagsPath(path string) bool {
	return path == "/debug/flags" || strings.HasPrefix(path, "/debug/flags/")
}

// serveDebugFlags sets how much upstream's packages, which are most of the
// rules here, write to the log.
//
// Upstream: k8s.io/apiserver/pkg/server/routes (DebugFlags), complete.
func serveDebugFlags(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/debug/flags/v" {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, debugFlagsIndex)
		return
	}
	if r.Method != http.MethodPut {
		writePlainText(w, http.StatusNotAcceptable, "unsupported http method")
		return
	}
	level, err := io.ReadAll(r.Body)
	if err != nil {
		writePlainText(w, http.StatusBadRequest, "error reading request body: "+err.Error())
		return
	}
	said, err := logs.GlogSetter(string(level))
	if err != nil {
		writePlainText(w, http.StatusBadRequest, err.Error())
		return
	}
	writePlainText(w, http.StatusOK, said)
}

func writePlainText(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	fmt.Fprintln(w, text)
}
