package wire_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// TestScaleTable reads a scale as kubectl get --subresource=scale does.
func TestScaleTable(t *testing.T) {
	w := newWorld(t)
	client := kubernetes.NewForConfigOrDie(w.config()).CoreV1()
	_, err := client.ReplicationControllers("default").Create(t.Context(), &corev1.ReplicationController{
		ObjectMeta: metav1.ObjectMeta{Name: "rc"},
		Spec: corev1.ReplicationControllerSpec{Replicas: new(int32(2)), Selector: map[string]string{"a": "b"}, Template: &corev1.PodTemplateSpec{
			ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"a": "b"}},
			Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "nginx"}}},
		}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)

	table := &metav1.Table{}
	require.NoError(t, client.RESTClient().Get().Namespace("default").Resource("replicationcontrollers").Name("rc").SubResource("scale").
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").Do(t.Context()).Into(table))
	var columns []string
	for _, c := range table.ColumnDefinitions {
		columns = append(columns, c.Name)
	}
	require.Equal(t, []string{"Name", "Desired", "Available", "Age"}, columns)
	require.Len(t, table.Rows, 1)
	require.Equal(t, []any{"rc", int64(2), int64(0)}, table.Rows[0].Cells[:3])
}
