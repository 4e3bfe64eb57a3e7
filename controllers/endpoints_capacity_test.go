package controllers

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile"
)

func TestEndpointsCapacity(t *testing.T) {
	for _, tt := range []struct {
		name                    string
		ready, notReady         int
		wantReady, wantNotReady int
		wantTruncated           bool
	}{
		{"all of them fit", 600, 400, 600, 400, false},
		{"those that are not ready have to go", 700, 400, 700, 300, true},
		{"even some that are ready", 1100, 5, 1000, 0, true},
		{"exactly full of ready ones", 1000, 1, 1000, 0, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pods := manyPods(tt.ready + tt.notReady)
			for _, o := range pods[tt.ready:] {
				o.Object.(*corev1.Pod).Status.Conditions = nil
			}
			objects := append([]stored{webService()}, pods...)
			plan, err := Endpoints().Reconcile(worldOf(t, objects...), webKey)
			if err != nil || len(plan.Calls) != 1 {
				t.Fatalf("got %d calls: %v", len(plan.Calls), err)
			}
			e := plan.Calls[0].Object.(*corev1.Endpoints)
			if s := e.Subsets[0]; len(s.Addresses) != tt.wantReady || len(s.NotReadyAddresses) != tt.wantNotReady {
				t.Errorf("got %d ready and %d not, want %d and %d", len(s.Addresses), len(s.NotReadyAddresses), tt.wantReady, tt.wantNotReady)
			}
			if got := e.Annotations[corev1.EndpointsOverCapacity] == "truncated"; got != tt.wantTruncated {
				t.Errorf("annotations are %v, want truncated: %v", e.Annotations, tt.wantTruncated)
			}

			// What was cut off must not be written again on every turn.
			plan, err = Endpoints().Reconcile(worldOf(t, append(objects, stored{reconcile.Endpoints.GroupResource, e})...), webKey)
			if err != nil || len(plan.Calls) != 0 {
				t.Errorf("written again: %d calls, %v", len(plan.Calls), err)
			}
		})
	}
}

// Subsets share the room by their size, rounded up, and the last one gets
// what is left.
func TestTruncateSubsetsSharesTheRoom(t *testing.T) {
	subset := func(n int) corev1.EndpointSubset {
		return corev1.EndpointSubset{Addresses: make([]corev1.EndpointAddress, n)}
	}
	subsets := []corev1.EndpointSubset{subset(400), subset(400), subset(701)}
	if !truncateSubsets(subsets) {
		t.Fatal("1501 addresses are too many")
	}
	got := []int{len(subsets[0].Addresses), len(subsets[1].Addresses), len(subsets[2].Addresses)}
	if got[0] != 267 || got[1] != 267 || got[2] != 466 {
		t.Errorf("kept %v, want [267 267 466]", got)
	}
}

// The order in which upstream's RepackSubsets puts these ports.
func TestSortedByHash(t *testing.T) {
	port := func(name string, number int32) corev1.EndpointPort {
		return corev1.EndpointPort{Name: name, Port: number, Protocol: corev1.ProtocolTCP}
	}
	ports := []corev1.EndpointPort{
		port("https", 443), port("http", 80), port("metrics", 9090),
		{Name: "dns", Port: 53, Protocol: corev1.ProtocolUDP},
		{Name: "grpc", Port: 50051, Protocol: corev1.ProtocolTCP, AppProtocol: ptr.To("h2c")},
	}
	var names []string
	for _, p := range sortedByHash(ports) {
		names = append(names, p.Name)
	}
	if got, want := strings.Join(names, " "), "http grpc https metrics dns"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
