package wire

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
)

// spelledOut lets a handler that upgrades to SPDY work behind the tunnelling
// handler, which reads the answer to the upgrade from the connection, as it
// would come from a kubelet: it writes it there.
type spelledOut struct {
	http.ResponseWriter
	header http.Header
}

// Header is that of the upgrade alone.
func (w *spelledOut) Header() http.Header { return w.header }

// WriteHeader leaves an upgrade to Hijack. All else goes to the client.
func (w *spelledOut) WriteHeader(code int) {
	if code == http.StatusSwitchingProtocols {
		return
	}
	for name, values := range w.header {
		w.ResponseWriter.Header()[name] = values
	}
	w.ResponseWriter.WriteHeader(code)
}

// Hijack writes the answer to the upgrade and hands over the connection.
func (w *spelledOut) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, _, err := w.ResponseWriter.(http.Hijacker).Hijack()
	if err != nil {
		return nil, nil, err
	}
	buffered := bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn))
	fmt.Fprintf(buffered, "HTTP/1.1 %d %s\r\n", http.StatusSwitchingProtocols, http.StatusText(http.StatusSwitchingProtocols))
	if err := w.header.Write(buffered); err != nil {
		return nil, nil, err
	}
	buffered.WriteString("\r\n")
	return conn, buffered, buffered.Flush()
}
