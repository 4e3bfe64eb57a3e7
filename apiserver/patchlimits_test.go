package apiserver

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/types"
)

// Each of these would keep the world waiting for minutes, or take all memory.
func TestPatchesThatWouldTakeTooLong(t *testing.T) {
	copies := `[{"op":"add","path":"/metadata/annotations","value":{"a":"` + strings.Repeat("x", 1000) + `"}}`
	for i := range 60 {
		copies += `,{"op":"copy","from":"/metadata","path":"/metadata/annotations/n` + strings.Repeat("n", i) + `"}`
	}
	deep := strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000)
	for _, tt := range []struct {
		name, body, want string
		kind             types.PatchType
	}{
		{"copies of copies", copies + "]", `422 Invalid: the server rejected our request due to an error in our request`, types.JSONPatchType},
		{"deep merge", `{"spec":` + deep + `}`, `413 RequestEntityTooLarge: Request entity too large: 9001 levels of nesting are too many for 54010 bytes of JSON`, types.MergePatchType},
		{"deep value", `[{"op":"add","path":"/spec","value":` + deep + `}]`, `413 RequestEntityTooLarge: Request entity too large: 9002 levels of nesting are too many for 54039 bytes of JSON`, types.JSONPatchType},
		{"long list", `{"spec":{"template":{"spec":{"containers":[{}` + strings.Repeat(",{}", 10000) + `]}}}}`, `413 RequestEntityTooLarge: Request entity too large: The allowed maximum of list elements in a strategic merge patch is 10000, got 10001`, types.StrategicMergePatchType},
		{"endless quantity", `{"spec":{"template":{"spec":{"containers":[{"name":"web","resources":{"limits":{"cpu":"1e-999999999"}}}]}}}}`, `422 Invalid:  "" is invalid: patch: Invalid value: `, types.StrategicMergePatchType},
		{"incomparable directive", `{"spec":{"$retainKeys":[{"a":"b"}]}}`, `400 BadRequest: strategic merge patch format is not supported`, types.StrategicMergePatchType},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.mustCreate("deployments", "default", newDeployment("web", 1))
			before := w.revision()
			_, err := w.patch("deployments", "default/web", "", tt.kind, tt.body)
			require.Contains(t, answer(err), tt.want)
			require.Equal(t, before, w.revision())
		})
	}
}

func TestNesting(t *testing.T) {
	require.Equal(t, 0, nesting([]byte(`"[[["`)))
	require.Equal(t, 3, nesting([]byte(`{"a\"[[[[":[{}],"b":{"c":1}}`)))
}
