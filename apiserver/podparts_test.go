package apiserver

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	quantity "k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func debugger(name string) corev1.EphemeralContainer {
	return corev1.EphemeralContainer{EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: name, Image: "busybox", Stdin: true, TTY: true}}
}

func TestEphemeralContainers(t *testing.T) {
	w := newWorld(t)
	pod := copyOf[*corev1.Pod](w.boundPod("web"))
	pod.Spec.EphemeralContainers = []corev1.EphemeralContainer{debugger("debugger")}
	pod.Labels = map[string]string{"app": "other"}
	pod.Status.Phase = corev1.PodFailed
	got := w.mustUpdate("pods", "ephemeralcontainers", pod).(*corev1.Pod)
	require.Equal(t, "debugger", got.Spec.EphemeralContainers[0].Name)
	require.Equal(t, corev1.PullAlways, got.Spec.EphemeralContainers[0].ImagePullPolicy, "it has its defaults")
	require.Equal(t, int64(2), got.Generation)
	require.Equal(t, map[string]string{"app": "web"}, got.Labels, "nothing else is written")
	require.Equal(t, corev1.PodPending, got.Status.Phase)

	// What kubectl debug sends.
	res, err := w.patch("pods", "default/web", "ephemeralcontainers", types.StrategicMergePatchType,
		`{"spec":{"ephemeralContainers":[{"name":"second","image":"busybox"}]}}`)
	require.NoError(t, err)
	require.Len(t, res.Object.(*corev1.Pod).Spec.EphemeralContainers, 2)

	req := w.request(Get, "pods", "default/web")
	req.Subresource = "ephemeralcontainers"
	res, err = w.Do(req)
	require.NoError(t, err)
	require.Len(t, res.Object.(*corev1.Pod).Spec.EphemeralContainers, 2)
}

func TestEphemeralContainersRefused(t *testing.T) {
	put := func(change func(*corev1.Pod)) func(*world) error {
		return func(w *world) error {
			pod := copyOf[*corev1.Pod](w.get("pods", "default/web"))
			change(pod)
			_, err := w.update("pods", "ephemeralcontainers", pod)
			return err
		}
	}
	testRefusals(t, func(w *world) {
		pod := copyOf[*corev1.Pod](w.boundPod("web"))
		pod.Spec.EphemeralContainers = []corev1.EphemeralContainer{debugger("debugger")}
		w.mustUpdate("pods", "ephemeralcontainers", pod)
	}, []refusal{
		{"removed", put(func(p *corev1.Pod) { p.Spec.EphemeralContainers = nil }),
			`422 Invalid: Pod "web" is invalid: spec.ephemeralContainers: Forbidden: existing ephemeral containers "debugger" may not be removed` + "\n"},
		{"changed", put(func(p *corev1.Pod) { p.Spec.EphemeralContainers[0].Image = "nginx" }),
			`422 Invalid: Pod "web" is invalid: spec.ephemeralContainers: Forbidden: existing ephemeral containers "debugger" may not be changed` + "\n@@ -1,6 +1,6 @@\n {\n  \"Name\": \"debugger\",\n- \"Image\": \"busybox\",\n+ \"Image\": \"nginx\",\n  \"Command\": null,\n  \"Args\": null,\n  \"WorkingDir\": \"\",\n"},
		{"a name that is taken", put(func(p *corev1.Pod) {
			p.Spec.EphemeralContainers = append(p.Spec.EphemeralContainers, debugger("web"))
		}), `422 Invalid: Pod "web" is invalid: spec.ephemeralContainers[1].name: Duplicate value: "web"`},
	})
}

func sized(cpu, memory string) corev1.ResourceRequirements {
	list := corev1.ResourceList{corev1.ResourceCPU: quantity.MustParse(cpu), corev1.ResourceMemory: quantity.MustParse(memory)}
	return corev1.ResourceRequirements{Requests: list, Limits: list.DeepCopy()}
}

// sizedPod is bound, with resources and a container that restarts for memory.
func (w *world) sizedPod() *corev1.Pod {
	pod := newPodObject("web")
	pod.Spec.Containers[0].Resources = sized("100m", "64Mi")
	pod.Spec.Containers[0].ResizePolicy = []corev1.ContainerResizePolicy{{ResourceName: corev1.ResourceMemory, RestartPolicy: corev1.RestartContainer}}
	w.mustCreate("pods", "default", pod)
	require.NoError(w, w.bind("default/web", "node-1"))
	node := copyOf[*corev1.Node](w.mustCreate("nodes", "", &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "node-1"}}))
	node.Status.Allocatable = corev1.ResourceList{corev1.ResourceCPU: quantity.MustParse("4"), corev1.ResourceMemory: quantity.MustParse("8Gi")}
	w.mustUpdate("nodes", "status", node)
	return copyOf[*corev1.Pod](w.get("pods", "default/web"))
}

func TestResize(t *testing.T) {
	w := newWorld(t)
	pod := w.sizedPod()
	pod.Spec.Containers[0].Resources = sized("200m", "64Mi")
	pod.Spec.Containers[0].Image = "nginx:1.28"
	pod.Annotations = map[string]string{"a": "b"}
	got := w.mustUpdate("pods", "resize", pod).(*corev1.Pod)
	require.Equal(t, sized("200m", "64Mi"), got.Spec.Containers[0].Resources)
	require.Equal(t, "nginx:1.27", got.Spec.Containers[0].Image, "nothing else is written")
	require.Empty(t, got.Annotations)
	require.Equal(t, int64(2), got.Generation)

	res, err := w.patch("pods", "default/web", "resize", types.StrategicMergePatchType,
		`{"spec":{"containers":[{"name":"web","resources":{"requests":{"memory":"128Mi"},"limits":{"memory":"128Mi"}}}]}}`)
	require.NoError(t, err)
	require.Equal(t, sized("200m", "128Mi"), res.Object.(*corev1.Pod).Spec.Containers[0].Resources)
}

func TestResizeRefused(t *testing.T) {
	put := func(change func(*corev1.Pod)) func(*world) error {
		return func(w *world) error {
			pod := copyOf[*corev1.Pod](w.get("pods", "default/web"))
			change(pod)
			_, err := w.update("pods", "resize", pod)
			return err
		}
	}
	testRefusals(t, func(w *world) { w.sizedPod() }, []refusal{
		{"another class of service", put(func(p *corev1.Pod) { delete(p.Spec.Containers[0].Resources.Limits, corev1.ResourceCPU) }),
			`422 Invalid: Pod "web" is invalid: [spec: Invalid value: "Guaranteed": Pod QOS Class may not change as a result of resizing, spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed]`},
		{"another resource", put(func(p *corev1.Pod) {
			p.Spec.Containers[0].Resources.Requests[corev1.ResourceEphemeralStorage] = quantity.MustParse("1Gi")
		}), `422 Invalid: Pod "web" is invalid: spec: Forbidden: only cpu and memory resources are mutable`},
		{"a request above its limit", put(func(p *corev1.Pod) {
			p.Spec.Containers[0].Resources.Requests[corev1.ResourceCPU] = quantity.MustParse("1")
		}), `422 Invalid: Pod "web" is invalid: [spec.containers[0].resources.requests: Invalid value: "1": must be less than or equal to cpu limit of 100m, spec: Invalid value: "Guaranteed": Pod QOS Class may not change as a result of resizing]`},
		{"another container", put(func(p *corev1.Pod) { p.Spec.Containers[0].Name = "other" }),
			`422 Invalid: Pod "web" is invalid: spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize`},
		{"one container more", put(func(p *corev1.Pod) { p.Spec.Containers = append(p.Spec.Containers, p.Spec.Containers[0]) }),
			`422 Invalid: Pod "web" is invalid: [spec.containers[1].name: Duplicate value: "web", spec.containers: Forbidden: containers may not be added or removed on resize]`},
	})
}

// What goes past the subresource is put back, but upstream takes note of who has
// tried.
func TestResizeManagesAllThatIsSent(t *testing.T) {
	w := newWorld(t)
	pod := w.sizedPod()
	req := w.request(Patch, "pods", "default/web")
	force := true
	req.Subresource, req.PatchType, req.PatchOptions = "resize", types.ApplyYAMLPatchType, &metav1.PatchOptions{FieldManager: "sizer", Force: &force}
	req.Patch = []byte(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","labels":{"x":"y"}},"spec":{"containers":[{"name":"web","image":"other","resources":{"limits":{"cpu":"300m"},"requests":{"cpu":"300m"}}}]}}`)
	res, err := w.Do(req)
	require.NoError(t, err)
	got := res.Object.(*corev1.Pod)
	require.Equal(t, pod.Labels, got.Labels)
	require.Equal(t, "sizer", got.ManagedFields[0].Manager)
	require.Equal(t, "resize", got.ManagedFields[0].Subresource)
	require.JSONEq(t, `{"f:metadata":{"f:labels":{"f:x":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"web\"}":{".":{},"f:image":{},"f:name":{},"f:resources":{"f:limits":{"f:cpu":{}},"f:requests":{"f:cpu":{}}}}}}}`, string(got.ManagedFields[0].FieldsV1.Raw))
}
