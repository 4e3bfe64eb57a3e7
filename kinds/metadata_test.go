package kinds

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

// The rules for any kind's metadata are only run for kinds whose own rules
// leave it out.
func TestEveryKindChecksMetadata(t *testing.T) {
	for _, k := range All() {
		if len(k.Computed) > 0 {
			continue
		}
		obj := k.New()
		obj.SetName("a")
		if k.Namespaced {
			obj.SetNamespace("default")
		}
		if e, ok := obj.(*corev1.Event); ok {
			e.InvolvedObject.Namespace = "default"
		}
		obj.SetLabels(map[string]string{"a b": "c"})
		obj.SetAnnotations(map[string]string{"a b": "c"})
		obj.SetFinalizers([]string{"a b"})
		obj.SetOwnerReferences([]metav1.OwnerReference{{}})
		k.Default(obj)
		var fields []string
		for _, err := range k.Validate(obj) {
			fields = append(fields, err.Field)
		}
		for _, want := range []string{"metadata.labels", "metadata.annotations", "metadata.finalizers", "metadata.ownerReferences[0].kind"} {
			require.Contains(t, fields, want, k.Kind)
		}
	}
}

func TestSameMetadata(t *testing.T) {
	now := metav1.NewTime(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	old := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Name: "a", Namespace: "b", UID: "c", ResourceVersion: "1", CreationTimestamp: now,
		Labels: map[string]string{"a": "b"}, OwnerReferences: []metav1.OwnerReference{{UID: "d", Controller: ptr.To(true)}},
		ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "kubectl", Time: &now}},
	}}
	require.True(t, sameMetadata(old.DeepCopy(), old))
	for name, change := range map[string]func(*metav1.ObjectMeta){
		"name":         func(m *metav1.ObjectMeta) { m.Name = "x" },
		"generateName": func(m *metav1.ObjectMeta) { m.GenerateName = "x" },
		"namespace":    func(m *metav1.ObjectMeta) { m.Namespace = "x" },
		"uid":          func(m *metav1.ObjectMeta) { m.UID = "x" },
		"no version":   func(m *metav1.ObjectMeta) { m.ResourceVersion = "" },
		"generation":   func(m *metav1.ObjectMeta) { m.Generation = 9 },
		"created":      func(m *metav1.ObjectMeta) { m.CreationTimestamp = metav1.Time{} },
		"deleted":      func(m *metav1.ObjectMeta) { m.DeletionTimestamp = &now },
		"grace":        func(m *metav1.ObjectMeta) { m.DeletionGracePeriodSeconds = ptr.To[int64](1) },
		"labels":       func(m *metav1.ObjectMeta) { m.Labels["a"] = "x" },
		"annotations":  func(m *metav1.ObjectMeta) { m.Annotations = map[string]string{"a": "b"} },
		"finalizers":   func(m *metav1.ObjectMeta) { m.Finalizers = []string{"a"} },
		"owners":       func(m *metav1.ObjectMeta) { m.OwnerReferences[0].Controller = nil },
		"managers":     func(m *metav1.ObjectMeta) { m.ManagedFields[0].Manager = "x" },
	} {
		changed := old.DeepCopy()
		change(&changed.ObjectMeta)
		require.False(t, sameMetadata(changed, old), name)
	}
}

// Status updates run the declarative rules of the status alone, and of these
// kinds there are none. A version of Kubernetes that adds some must not pass
// unnoticed.
func TestKindsWithoutDeclarativeStatusRules(t *testing.T) {
	for pkg, kinds := range map[string][]string{
		"core/v1": {
			"corev1.Namespace", "corev1.Node", "corev1.Service",
			"corev1.PersistentVolume", "corev1.ResourceQuota", "corev1.ReplicationController",
		},
		"apps/v1":        {"appsv1.Deployment", "appsv1.ReplicaSet", "appsv1.StatefulSet", "appsv1.DaemonSet"},
		"batch/v1":       {"batchv1.Job", "batchv1.CronJob"},
		"networking/v1":  {"networkingv1.Ingress", "networkingv1.ServiceCIDR"},
		"flowcontrol/v1": {"flowcontrolv1.FlowSchema", "flowcontrolv1.PriorityLevelConfiguration"},
		"storage/v1":     {"storagev1.VolumeAttachment", "storagev1.CSINode"},
	} {
		dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "k8s.io/kubernetes/pkg/apis/"+pkg).Output()
		require.NoError(t, err)
		text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "zz_generated.validations.go"))
		require.NoError(t, err)
		for _, kind := range kinds {
			require.Contains(t, string(text), "// field "+kind+".Status has no validation")
		}
	}
}

// Several rules ask for the same of an update's metadata; each fault is told
// once.
func TestFaultsOfMetadataAreToldOnce(t *testing.T) {
	old := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "a", Namespace: "default", ResourceVersion: "1"}}
	obj := old.DeepCopy()
	obj.Labels = map[string]string{"a b": "c", "d": "!!"}
	obj.Annotations = map[string]string{"x y": ""}
	var fields []string
	for _, err := range configMap().ValidateUpdate(obj, old) {
		fields = append(fields, err.Field)
	}
	require.Equal(t, []string{"metadata.labels", "metadata.labels", "metadata.annotations"}, fields)
}
