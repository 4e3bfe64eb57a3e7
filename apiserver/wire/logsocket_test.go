package wire_test

import (
	"crypto/tls"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/websocket"
	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/apiserver/wire"
	"github.com/minik8s/minik8s/kubeletsim"
)

// A browser reads a log over a WebSocket, in one of three protocols.
func TestLogOverWebSocket(t *testing.T) {
	long := strings.Repeat("x", 5000)
	_, config, _ := connected(t, wire.Node{Log: func(*corev1.Pod, string, bool) (kubeletsim.Log, error) {
		return kubeletsim.Log{Lines: lines("one", long)}, nil
	}})
	dial := func(query string, protocols ...string) (*websocket.Conn, error) {
		c, err := websocket.NewConfig("wss"+strings.TrimPrefix(config.Host, "https")+"/api/v1/namespaces/default/pods/web/log"+query, "http://localhost")
		require.NoError(t, err)
		c.Header = http.Header{"Authorization": {"Bearer secret"}}
		c.TlsConfig = &tls.Config{InsecureSkipVerify: true}
		c.Protocol = protocols
		return websocket.DialConfig(c)
	}
	for _, query := range []string{"", "?follow=true"} {
		for _, protocol := range []string{"", "binary.k8s.io", "base64.binary.k8s.io"} {
			var protocols []string
			if protocol != "" {
				protocols = []string{"other", protocol}
			}
			ws, err := dial(query, protocols...)
			require.NoError(t, err)
			messages, text := received(t, ws, protocol == "base64.binary.k8s.io")
			require.Equal(t, "one\n"+long+"\n", text, "%s%s", protocol, query)
			require.Empty(t, messages[0], "the first message is empty")
			require.Len(t, messages, 4, "long answers come in parts")
		}
	}
	_, err := dial("", "other")
	require.ErrorContains(t, err, "bad status")
}

// received are the messages until the server closes, and all of them together.
func received(t *testing.T, ws *websocket.Conn, encoded bool) (messages [][]byte, text string) {
	t.Helper()
	for {
		var message []byte
		if err := websocket.Message.Receive(ws, &message); err != nil {
			require.ErrorIs(t, err, io.EOF)
			return messages, text
		}
		messages = append(messages, message)
		if encoded {
			decoded, err := base64.StdEncoding.DecodeString(string(message))
			require.NoError(t, err)
			message = decoded
		}
		text += string(message)
	}
}
