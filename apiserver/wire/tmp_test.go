package wire_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/minik8s/minik8s/apiserver/wire"
)

func TestTmpServe(t *testing.T) {
	if os.Getenv("WIRE_SERVE") == "" {
		t.SkipNow()
	}
	w := newWorld(t)
	c, err := wire.NewCredentials()
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:16443")
	require.NoError(t, err)
	tls, err := c.TLS()
	require.NoError(t, err)
	dir := os.Getenv("WIRE_SERVE")
	os.WriteFile(dir+"/ca.crt", c.CA.Cert, 0o600)
	os.WriteFile(dir+"/c.crt", c.Admin.Cert, 0o600)
	os.WriteFile(dir+"/c.key", c.Admin.Key, 0o600)
	cfg := map[string]any{"apiVersion": "v1", "kind": "Config", "current-context": "m",
		"clusters": []any{map[string]any{"name": "m", "cluster": map[string]any{"server": "https://127.0.0.1:16443", "certificate-authority": dir + "/ca.crt"}}},
		"users":    []any{map[string]any{"name": "m", "user": map[string]any{"client-certificate": dir + "/c.crt", "client-key": dir + "/c.key"}}},
		"contexts": []any{map[string]any{"name": "m", "context": map[string]any{"cluster": "m", "user": "m"}}}}
	b, _ := json.Marshal(cfg)
	os.WriteFile(dir+"/config", b, 0o600)
	fmt.Println("serving")
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	require.NoError(t, wire.Serve(ctx, l, w.handler, tls))
}
