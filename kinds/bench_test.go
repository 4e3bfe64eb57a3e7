package kinds

import (
	"fmt"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

// benchMeta is the metadata of a stored object.
func benchMeta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name: name, Namespace: "default", UID: "0b0e", ResourceVersion: "42", Generation: 1,
		Labels:            map[string]string{"app": "web", "pod-template-hash": "6b7c9d"},
		CreationTimestamp: metav1.NewTime(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)),
	}
}

func webTemplate() corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "web", "pod-template-hash": "6b7c9d"}},
		Spec: corev1.PodSpec{
			Containers: []corev1.Container{{
				Name: "web", Image: "nginx:1.27",
				Ports:     []corev1.ContainerPort{{ContainerPort: 80}},
				Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{"cpu": resource.MustParse("100m")}},
			}},
		},
	}
}

func webPod() *corev1.Pod {
	template := webTemplate()
	p := &corev1.Pod{ObjectMeta: benchMeta("web-6b7c9d-x2x7k"), Spec: template.Spec}
	p.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: "web-6b7c9d", UID: "0a0a", Controller: ptr.To(true), BlockOwnerDeletion: ptr.To(true)}}
	return p
}

// BenchmarkPodCreate is everything that a new pod goes through, with the copy
// of a template that it begins as.
func BenchmarkPodCreate(b *testing.B) {
	k := pod()
	template := webPod()
	b.ReportAllocs()
	for b.Loop() {
		p := template.DeepCopy()
		k.Default(p)
		k.PrepareCreate(p)
		if errs := k.Validate(p); len(errs) > 0 {
			b.Fatal(errs)
		}
	}
}

func BenchmarkPodWarnings(b *testing.B) {
	k := pod()
	p := webPod()
	k.Default(p)
	k.PrepareCreate(p)
	for b.Loop() {
		k.Warnings(p, nil)
	}
}

func runningPod() *corev1.Pod {
	k := pod()
	p := webPod()
	k.Default(p)
	k.PrepareCreate(p)
	now := p.CreationTimestamp
	p.Spec.NodeName = "node-1"
	p.Status.Phase = corev1.PodRunning
	p.Status.PodIP = "10.244.0.7"
	p.Status.PodIPs = []corev1.PodIP{{IP: "10.244.0.7"}}
	p.Status.HostIP = "192.168.0.2"
	p.Status.HostIPs = []corev1.HostIP{{IP: "192.168.0.2"}}
	p.Status.StartTime = &now
	for _, c := range []corev1.PodConditionType{corev1.PodReadyToStartContainers, corev1.PodInitialized, corev1.PodReady, corev1.ContainersReady, corev1.PodScheduled} {
		p.Status.Conditions = append(p.Status.Conditions, corev1.PodCondition{Type: c, Status: corev1.ConditionTrue, LastTransitionTime: now, ObservedGeneration: 1})
	}
	p.Status.ContainerStatuses = []corev1.ContainerStatus{{
		Name: "web", Image: "nginx:1.27", ImageID: "x", ContainerID: "containerd://0", Ready: true, Started: ptr.To(true),
		State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: now}},
	}}
	return p
}

// BenchmarkPodStatusUpdate is the most frequent write of all.
func BenchmarkPodStatusUpdate(b *testing.B) {
	k := pod()
	p := runningPod()
	old := webPod()
	k.Default(old)
	k.PrepareCreate(old)
	old.Spec.NodeName = "node-1"
	b.ReportAllocs()
	for b.Loop() {
		n := *p
		k.Status.PrepareUpdate(&n, old)
		if errs := k.Status.ValidateUpdate(&n, old); len(errs) > 0 {
			b.Fatal(errs)
		}
	}
}

func BenchmarkPodUpdate(b *testing.B) {
	k := pod()
	old := runningPod()
	p := old.DeepCopy()
	p.Labels["x"] = "y"
	b.ReportAllocs()
	for b.Loop() {
		n := *p
		k.PrepareUpdate(&n, old)
		if errs := k.ValidateUpdate(&n, old); len(errs) > 0 {
			b.Fatal(errs)
		}
	}
}

func BenchmarkEventCreate(b *testing.B) {
	k := event()
	e := &corev1.Event{
		ObjectMeta:     metav1.ObjectMeta{Name: "web.1", Namespace: "default", UID: "u"},
		InvolvedObject: corev1.ObjectReference{Kind: "Pod", Namespace: "default", Name: "web", APIVersion: "v1"},
		Reason:         "Pulled", Message: "Container image already present on machine", Type: "Normal", Count: 1,
		FirstTimestamp: metav1.NewTime(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)),
	}
	b.ReportAllocs()
	for b.Loop() {
		n := *e
		k.Default(&n)
		if errs := k.Validate(&n); len(errs) > 0 {
			b.Fatal(errs)
		}
	}
}

func webReplicaSet() *appsv1.ReplicaSet {
	k := replicaSet()
	rs := &appsv1.ReplicaSet{ObjectMeta: benchMeta("web-6b7c9d"), Spec: appsv1.ReplicaSetSpec{
		Replicas: ptr.To[int32](3), Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}}, Template: webTemplate(),
	}}
	k.Default(rs)
	k.PrepareCreate(rs)
	return rs
}

func BenchmarkReplicaSetStatusUpdate(b *testing.B) {
	k := replicaSet()
	old := webReplicaSet()
	rs := old.DeepCopy()
	rs.Status.Replicas = 3
	b.ReportAllocs()
	for b.Loop() {
		n := *rs
		k.Status.PrepareUpdate(&n, old)
		if errs := k.Status.ValidateUpdate(&n, old); len(errs) > 0 {
			b.Fatal(errs)
		}
	}
}

// fullSlice has as many endpoints as the controller puts into one.
func fullSlice() *discoveryv1.EndpointSlice {
	slice := &discoveryv1.EndpointSlice{ObjectMeta: benchMeta("web-abcde"), AddressType: discoveryv1.AddressTypeIPv4}
	slice.Ports = []discoveryv1.EndpointPort{{Name: ptr.To("http"), Port: ptr.To[int32](80), Protocol: ptr.To(corev1.ProtocolTCP)}}
	for i := range 100 {
		slice.Endpoints = append(slice.Endpoints, discoveryv1.Endpoint{
			Addresses:  []string{fmt.Sprintf("10.244.0.%d", i)},
			Conditions: discoveryv1.EndpointConditions{Ready: ptr.To(true), Serving: ptr.To(true), Terminating: ptr.To(false)},
			NodeName:   ptr.To("node-1"),
			TargetRef:  &corev1.ObjectReference{Kind: "Pod", Namespace: "default", Name: fmt.Sprintf("web-%d", i), UID: "0b0e"},
		})
	}
	return slice
}

func BenchmarkEndpointSliceUpdate(b *testing.B) {
	k := endpointSlice()
	old := fullSlice()
	k.Default(old)
	slice := old.DeepCopy()
	slice.Endpoints[50].Conditions.Ready = ptr.To(false)
	b.ReportAllocs()
	for b.Loop() {
		n := *slice
		k.PrepareUpdate(&n, old)
		if errs := k.ValidateUpdate(&n, old); len(errs) > 0 {
			b.Fatal(errs)
		}
	}
}

func BenchmarkEndpointsUpdate(b *testing.B) {
	k := endpoints()
	old := &corev1.Endpoints{ObjectMeta: benchMeta("web")}
	subset := corev1.EndpointSubset{Ports: []corev1.EndpointPort{{Name: "http", Port: 80, Protocol: corev1.ProtocolTCP}}}
	for i := range 1000 {
		subset.Addresses = append(subset.Addresses, corev1.EndpointAddress{
			IP: fmt.Sprintf("10.244.%d.%d", i/250, i%250), NodeName: ptr.To("node-1"),
			TargetRef: &corev1.ObjectReference{Kind: "Pod", Namespace: "default", Name: fmt.Sprintf("web-%d", i), UID: "0b0e"},
		})
	}
	old.Subsets = []corev1.EndpointSubset{subset}
	e := old.DeepCopy()
	e.Subsets[0].Addresses = e.Subsets[0].Addresses[:999]
	b.ReportAllocs()
	for b.Loop() {
		n := *e
		if errs := k.ValidateUpdate(&n, old); len(errs) > 0 {
			b.Fatal(errs)
		}
	}
}

func BenchmarkReplicaSetUpdate(b *testing.B) {
	k := replicaSet()
	old := webReplicaSet()
	rs := old.DeepCopy()
	rs.Spec.Replicas = ptr.To[int32](5)
	b.ReportAllocs()
	for b.Loop() {
		n := *rs
		k.PrepareUpdate(&n, old)
		if errs := k.ValidateUpdate(&n, old); len(errs) > 0 {
			b.Fatal(errs)
		}
	}
}

func BenchmarkLeaseRenewal(b *testing.B) {
	k := lease()
	old := &coordinationv1.Lease{ObjectMeta: benchMeta("node-1"), Spec: coordinationv1.LeaseSpec{HolderIdentity: ptr.To("node-1"), LeaseDurationSeconds: ptr.To[int32](40)}}
	l := old.DeepCopy()
	l.Spec.RenewTime = &metav1.MicroTime{Time: old.CreationTimestamp.Time}
	b.ReportAllocs()
	for b.Loop() {
		n := *l
		k.PrepareUpdate(&n, old)
		if errs := k.ValidateUpdate(&n, old); len(errs) > 0 {
			b.Fatal(errs)
		}
	}
}

// BenchmarkPodTable prints a hundred pods.
func BenchmarkPodTable(b *testing.B) {
	k, _ := NewRegistry(All()).Of(&corev1.Pod{})
	var pods []Object
	for range 100 {
		pods = append(pods, runningPod())
	}
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Table(pods, TableOptions{World: pods[0].GetCreationTimestamp().Time, Wall: now}); err != nil {
			b.Fatal(err)
		}
	}
}
