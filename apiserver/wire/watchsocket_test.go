package wire_test

import (
	"crypto/tls"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/websocket"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/apiserver/wire"
)

// A browser watches over a WebSocket, an event in each message.
func TestWatchOverWebSocket(t *testing.T) {
	_, config, client := connected(t, wire.Node{})
	c, err := websocket.NewConfig("wss"+strings.TrimPrefix(config.Host, "https")+configMaps+"?watch=1", "http://localhost")
	require.NoError(t, err)
	c.Header = http.Header{"Authorization": {"Bearer secret"}}
	c.TlsConfig = &tls.Config{InsecureSkipVerify: true}
	ws, err := websocket.DialConfig(c)
	require.NoError(t, err)
	defer ws.Close()
	for _, name := range []string{"a", "b"} {
		_, err = client.CoreV1().ConfigMaps("default").Create(t.Context(), configMap(name), metav1.CreateOptions{})
		require.NoError(t, err)
		var message string
		require.NoError(t, websocket.Message.Receive(ws, &message))
		var e event
		require.NoError(t, json.Unmarshal([]byte(message), &e))
		require.Equal(t, "ADDED", e.Type)
		require.Equal(t, name, e.Object["metadata"].(anyMap)["name"])
	}

	c.Location.RawQuery = "watch=1&timeoutSeconds=1&resourceVersion=1"
	ended, err := websocket.DialConfig(c)
	require.NoError(t, err)
	defer ended.Close()
	var message string
	for err == nil {
		err = websocket.Message.Receive(ended, &message)
	}
	require.EqualError(t, err, "EOF", "the watch ends in time")
}
