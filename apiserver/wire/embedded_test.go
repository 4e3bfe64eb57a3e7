package wire_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	resourcev1 "k8s.io/api/resource/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/minik8s/minik8s/apiserver/wire"
	"github.com/minik8s/minik8s/kinds"
)

const asProtobuf = "Content-Type: application/vnd.kubernetes.protobuf"

// inProtobuf is a body in the form that says least about what it holds.
func inProtobuf(t testing.TB, obj runtime.Object) string {
	t.Helper()
	var body bytes.Buffer
	require.NoError(t, protobuf.NewSerializer(kinds.Scheme(), kinds.Scheme()).Encode(obj, &body))
	return body.String()
}

// TestBrokenPartsInProtobuf sends what no JSON body could hold.
func TestBrokenPartsInProtobuf(t *testing.T) {
	const (
		nonsense = "{nonsense"
		badJSON  = "invalid character 'n' looking for beginning of object key string"
	)
	broken := runtime.RawExtension{Raw: []byte(nonsense)}
	impossible := intstr.IntOrString{Type: 7}
	named := metav1.ObjectMeta{Name: "broken", Namespace: "default"}
	managed := metav1.ObjectMeta{ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "m", FieldsType: "FieldsV1", FieldsV1: &metav1.FieldsV1{Raw: []byte(nonsense)}}}}
	cases := []struct {
		name, path string
		obj        runtime.Object
		want       string
	}{
		{
			"a revision's data", "/apis/apps/v1/namespaces/default/controllerrevisions",
			&appsv1.ControllerRevision{ObjectMeta: named, Data: broken}, `ControllerRevision in version \"v1\" cannot be handled as a ControllerRevision: ` + badJSON,
		},
		{
			"no JSON at all", "/apis/apps/v1/namespaces/default/controllerrevisions",
			&appsv1.ControllerRevision{ObjectMeta: named, Data: runtime.RawExtension{Raw: []byte{}}}, "cannot convert RawExtension with unrecognized content type to unstructured",
		},
		{
			"a device's parameters", "/apis/resource.k8s.io/v1/namespaces/default/resourceclaims",
			&resourcev1.ResourceClaim{ObjectMeta: named, Spec: resourcev1.ResourceClaimSpec{Devices: resourcev1.DeviceClaim{Config: []resourcev1.DeviceClaimConfiguration{{
				DeviceConfiguration: resourcev1.DeviceConfiguration{Opaque: &resourcev1.OpaqueDeviceConfiguration{Driver: "d", Parameters: broken}},
			}}}}}, badJSON,
		},
		{
			"neither number nor text", "/apis/policy/v1/namespaces/default/poddisruptionbudgets",
			&policyv1.PodDisruptionBudget{ObjectMeta: named, Spec: policyv1.PodDisruptionBudgetSpec{MinAvailable: &impossible}}, "impossible IntOrString.Type",
		},
		{
			"managers in a template", "/api/v1/namespaces/default/podtemplates",
			&corev1.PodTemplate{ObjectMeta: named, Template: corev1.PodTemplateSpec{ObjectMeta: managed}}, badJSON,
		},
		{
			"a default in a schema", customResourceDefinitions,
			&apiextensionsv1.CustomResourceDefinition{ObjectMeta: metav1.ObjectMeta{Name: "a.b.c"}, Spec: apiextensionsv1.CustomResourceDefinitionSpec{
				Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{Name: "v1", Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{
					Properties: map[string]apiextensionsv1.JSONSchemaProps{"p": {Default: &apiextensionsv1.JSON{Raw: []byte(nonsense)}}},
				}}}},
			}}, badJSON,
		},
	}
	w := newWorld(t, func(c *wire.Config) {
		c.PanicHandler = func(reason any, stack []byte) { t.Errorf("%v\n%s", reason, stack) }
	})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			code, answer, _ := w.send("POST", c.path, inProtobuf(t, c.obj), asProtobuf)
			require.Equal(t, 400, code, answer)
			require.Contains(t, answer, c.want)
			code, _, _ = w.send("GET", c.path+"/broken", "")
			require.Equal(t, 404, code)
		})
	}
	t.Run("managers of the object itself are passed over", func(t *testing.T) {
		managed.Name = "managed"
		w.mustSend("POST", configMaps, inProtobuf(t, &corev1.ConfigMap{ObjectMeta: managed}), asProtobuf)
		require.NotContains(t, w.mustSend("GET", configMaps+"/managed", ""), "nonsense")
	})
}
