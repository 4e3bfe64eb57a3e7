package kinds

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

func TestEndlessQuantity(t *testing.T) {
	const digest = "nginx@sha256:0000000000000000000000000000000000000000000000000000003e12345678"
	for _, tt := range []struct {
		body string
		obj  runtime.Object
		want bool
	}{
		{`{"spec":{"hard":{"cpu":"1e2147483647"}}}`, &corev1.ResourceQuota{}, true},
		{`{"spec":{"hard":{"cpu":1E-999999999}}}`, &corev1.ResourceQuota{}, true},
		{`{"spec":{"hard":{"cpu":"1\u00652147483647"}}}`, &corev1.ResourceQuota{}, true},
		{`{"spec":{"hard":{"cpu":"1e2147483647","cpu":"1"}}}`, &corev1.ResourceQuota{}, true},
		{"spec:\n  hard:\n    cpu: \"1.e+100000\"", &corev1.ResourceQuota{}, true},
		{"spec:\n  hard: {cpu: 1e2147483647}", &corev1.ResourceQuota{}, true},
		{`{"spec":{"containers":[{"resources":{"limits":{"cpu":"1e100000"}}}]}}`, &corev1.Pod{}, true},
		{`{"spec":{"volumes":[{"emptyDir":{"sizeLimit":"1e100000"}}]}}`, &corev1.Pod{}, true},
		{`[{"op":"add","path":"/spec/containers/0/resources/limits","value":{"cpu":"1e100000"}}]`, &corev1.Pod{}, true},
		{`[{"op":"add","path":"/spec/hard/example.com~1gpu","value":"1e100000"}]`, &corev1.ResourceQuota{}, true},

		{`{"spec":{"hard":{"cpu":"1e99999"}}}`, &corev1.ResourceQuota{}, false},
		{`{"spec":{"hard":{"cpu":"1e0000000000001"}}}`, &corev1.ResourceQuota{}, false},
		{`{"spec":{"hard":{"cpu":"2e"}}}`, &corev1.ResourceQuota{}, false},
		{`{"metadata":{"uid":"e1000000-1000-0000-0000-000000000000"}}`, &corev1.ResourceQuota{}, false},
		{`{"data":{"a":"1e2147483647"}}`, &corev1.ConfigMap{}, false},
		{`{"metadata":{"labels":{"commit":"3e12345678"}},"spec":{"containers":[{"image":"` + digest + `"}]}}`, &corev1.Pod{}, false},
		{`{"spec":{"containers":[{"env":[{"name":"A","value":"1e2147483647"}]}]}}`, &corev1.Pod{}, false},
		{`[{"op":"add","path":"/metadata/labels/commit","value":"3e12345678"}]`, &corev1.Pod{}, false},
		{`[{"op":"add","path":"","value":{"metadata":{"name":"3e12345678"}}}]`, &corev1.Pod{}, false},
		{`{"spec":{"hard":{"cpu":"1e2147483647"`, &corev1.ResourceQuota{}, false},
	} {
		require.Equal(t, tt.want, EndlessQuantity([]byte(tt.body), tt.obj), tt.body)
	}
}

func TestEndlessQuantityInProtobuf(t *testing.T) {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "web", Labels: map[string]string{"commit": "3e12345678"}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "nginx:3e12345678"}}},
	}
	encode := func() []byte {
		data, err := pod.Marshal()
		require.NoError(t, err)
		return append([]byte("k8s\x00"), data...)
	}
	require.False(t, EndlessQuantity(encode(), pod))
	// A quantity that was made of a text keeps it.
	raw := []byte("\x0a\x0c1e2147483647")
	require.False(t, EndlessQuantity(append(encode(), raw...), pod), "a string in some message")
	require.True(t, EndlessQuantity(append(append(encode(), byte(len(raw))), raw...), pod))

	pod.Spec.Containers[0].Resources.Limits = corev1.ResourceList{"cpu": resource.MustParse("1e5")}
	require.False(t, EndlessQuantity(encode(), pod))
}
