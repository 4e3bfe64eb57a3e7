package controllers

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/minik8s/minik8s/reconcile"
)

// webService selects manyPods.
func webService() stored {
	return stored{reconcile.Services.GroupResource, &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "dev", Name: "web", UID: "service-web"},
		Spec: corev1.ServiceSpec{
			ClusterIP: "10.96.0.10",
			Selector:  map[string]string{"app": "web"},
			Ports:     []corev1.ServicePort{{Name: "http", Port: 80, TargetPort: intstr.FromInt32(8080), Protocol: corev1.ProtocolTCP}},
		},
	}}
}

func oneNode() stored {
	return stored{reconcile.Nodes.GroupResource, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "node-1"}}}
}

var webKey = reconcile.Request{Key: reconcile.Key{Namespace: "dev", Name: "web"}}

// slicesHolding are slices as the controller writes them, of which the n-th
// holds pods[from:to] of the n-th pair.
func slicesHolding(t testing.TB, pods []stored, ranges ...[2]int) []stored {
	t.Helper()
	var found []stored
	for i, r := range ranges {
		objects := append([]stored{webService(), oneNode()}, pods[r[0]:r[1]]...)
		plan, err := EndpointSlice().Reconcile(worldOf(t, objects...), webKey)
		if err != nil || len(plan.Calls) != 1 {
			t.Fatalf("a slice of pods %v takes %d calls: %v", r, len(plan.Calls), err)
		}
		s := plan.Calls[0].Object.(*discoveryv1.EndpointSlice)
		s.Name = fmt.Sprintf("web-%c", 'a'+i)
		found = append(found, stored{reconcile.EndpointSlices.GroupResource, s})
	}
	return found
}

func TestEndpointSlicePlacement(t *testing.T) {
	pods := manyPods(400)
	for _, tt := range []struct {
		name string
		pods []stored
		// slices are ranges of all 400 pods that the existing slices hold.
		slices [][2]int
		want   string
	}{
		{"new slices are filled one after the other", pods[:250], nil,
			"create 100, create 100, create 50"},
		{"what fits is left alone", pods[:100], [][2]int{{0, 50}, {50, 100}},
			""},
		{"a few more go where they fill a slice best", pods[:155], [][2]int{{0, 50}, {50, 140}},
			"update web-a 65"},
		{"the fullest that has room for all", pods[:145], [][2]int{{0, 50}, {50, 140}},
			"update web-b 95"},
		{"nowhere room for all of them: a new slice", pods[:220], [][2]int{{0, 90}, {90, 180}},
			"create 40"},
		{"a hundred more make a new slice although there is room", pods[:150], [][2]int{{0, 50}},
			"create 100"},
		{"slices that are written anyway are filled first, the fullest first",
			slices.Concat(pods[10:170], pods[175:255]), [][2]int{{0, 80}, {80, 170}, {170, 220}},
			"update web-a 100, update web-c 50"},
		{"a slice without endpoints goes", pods[:100], [][2]int{{0, 100}, {100, 150}},
			"delete web-b"},
		{"the last one stays as a placeholder", nil, [][2]int{{0, 100}, {100, 150}},
			"update web-a 0, delete web-b"},
		{"a slice that would go is used again", pods[200:330], [][2]int{{0, 100}},
			"create 100, update web-a 30"},
		{"duplicates are dropped", pods[:60], [][2]int{{0, 50}, {40, 60}},
			"update web-b 10"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			objects := append([]stored{webService(), oneNode()}, slicesHolding(t, pods, tt.slices...)...)
			plan, err := EndpointSlice().Reconcile(worldOf(t, append(objects, tt.pods...)...), webKey)
			if err != nil {
				t.Fatal(err)
			}
			if got := describeSliceCalls(t, plan); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}

			// Once that is written there is nothing more to do.
			objects = append(carryOut(objects, plan), tt.pods...)
			plan, err = EndpointSlice().Reconcile(worldOf(t, objects...), webKey)
			if err != nil || len(plan.Calls) > 0 {
				t.Errorf("the next turn has %s: %v", describeSliceCalls(t, plan), err)
			}
		})
	}
}

// carryOut is what is stored after the plan.
func carryOut(objects []stored, plan reconcile.Plan) []stored {
	for _, c := range plan.Calls {
		same := func(o stored) bool {
			return o.GetName() == c.Object.GetName() && o.GroupResource == reconcile.EndpointSlices.GroupResource
		}
		objects = slices.DeleteFunc(objects, same)
		if c.Verb != reconcile.Delete {
			objects = append(objects, stored{reconcile.EndpointSlices.GroupResource, c.Object})
		}
	}
	return objects
}

func describeSliceCalls(t *testing.T, plan reconcile.Plan) string {
	var lines, names []string
	for _, c := range plan.Calls {
		s := c.Object.(*discoveryv1.EndpointSlice)
		switch c.Verb {
		case reconcile.Create:
			if slices.Contains(names, s.Name) || !strings.HasPrefix(s.Name, "web-") {
				t.Errorf("created under the name %q, after %q", s.Name, names)
			}
			names = append(names, s.Name)
			lines = append(lines, fmt.Sprintf("create %d", len(s.Endpoints)))
		case reconcile.Delete:
			lines = append(lines, "delete "+s.Name)
		default:
			lines = append(lines, fmt.Sprintf("%s %s %d", c.Verb, s.Name, len(s.Endpoints)))
		}
	}
	return strings.Join(lines, ", ")
}

// BenchmarkEndpointSlice is a turn for a Service with 1,000 Pods of which one
// has become unready.
func BenchmarkEndpointSlice(b *testing.B) {
	v := benchmarkView(b)
	for b.Loop() {
		plan, err := EndpointSlice().Reconcile(v, webKey)
		if err != nil || len(plan.Calls) != 1 {
			b.Fatalf("got %d calls, want one update: %v", len(plan.Calls), err)
		}
	}
}

func BenchmarkEndpoints(b *testing.B) {
	v := benchmarkView(b)
	for b.Loop() {
		plan, err := Endpoints().Reconcile(v, webKey)
		if err != nil || len(plan.Calls) != 1 {
			b.Fatalf("got %d calls, want one update: %v", len(plan.Calls), err)
		}
	}
}

// benchmarkView has slices and Endpoints for 1,000 ready Pods, and then makes
// one of them unready.
func benchmarkView(b *testing.B) reconcile.View {
	pods := manyPods(1000)
	var ranges [][2]int
	for i := 0; i < 1000; i += 100 {
		ranges = append(ranges, [2]int{i, i + 100})
	}
	objects := append([]stored{webService(), oneNode()}, slicesHolding(b, pods, ranges...)...)
	plan, err := Endpoints().Reconcile(worldOf(b, append(slices.Clone(objects), pods...)...), webKey)
	if err != nil || len(plan.Calls) != 1 {
		b.Fatalf("no Endpoints: %v", err)
	}
	objects = append(objects, stored{reconcile.Endpoints.GroupResource, plan.Calls[0].Object})
	pods[500].Object.(*corev1.Pod).Status.Conditions = nil
	return worldOf(b, append(objects, pods...)...)
}
