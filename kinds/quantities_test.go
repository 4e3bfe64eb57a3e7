package kinds

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

func TestEndlessQuantity(t *testing.T) {
	for _, tt := range []struct {
		body string
		obj  runtime.Object
		want bool
	}{
		{`{"spec":{"hard":{"cpu":"1e2147483647"}}}`, &corev1.ResourceQuota{}, true},
		{`{"spec":{"hard":{"cpu":1E-999999999}}}`, &corev1.ResourceQuota{}, true},
		{"spec:\n  hard:\n    cpu: 1.e+100000", &corev1.Pod{}, true},
		{`{"spec":{"hard":{"cpu":"1e99999"}}}`, &corev1.ResourceQuota{}, false},
		{`{"spec":{"hard":{"cpu":"2e"}}}`, &corev1.ResourceQuota{}, false},
		{`{"metadata":{"uid":"e1000000-1000-0000-0000-000000000000"}}`, &corev1.ResourceQuota{}, false},
		{`{"data":{"a":"1e2147483647"}}`, &corev1.ConfigMap{}, false},
	} {
		require.Equal(t, tt.want, EndlessQuantity([]byte(tt.body), tt.obj), tt.body)
	}
}
