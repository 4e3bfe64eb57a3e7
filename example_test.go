package minik8s_test

import (
	"context"
	"fmt"
	"log"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/trace"
)

// webManifest is a Deployment of three Pods.
const webManifest = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: nginx, image: "nginx:1.22"}]}
`

// Make a cluster, give it a manifest, let it settle, and read what came of it
// as from any cluster.
func Example() {
	cluster, err := minik8s.New(minik8s.Options{Nodes: 3})
	if err != nil {
		log.Fatal(err)
	}
	if err := cluster.Apply(webManifest); err != nil {
		log.Fatal(err)
	}
	if _, err := cluster.Settle(time.Minute); err != nil { // a minute of virtual time
		log.Fatal(err)
	}

	client, err := kubernetes.NewForConfig(cluster.RESTConfig())
	if err != nil {
		log.Fatal(err)
	}
	pods, err := client.CoreV1().Pods("default").List(context.Background(), metav1.ListOptions{LabelSelector: "app=web"})
	if err != nil {
		log.Fatal(err)
	}
	for _, pod := range pods.Items {
		fmt.Println(pod.Spec.NodeName, pod.Status.Phase)
	}
	// Unordered output:
	// node-1 Running
	// node-2 Running
	// node-3 Running
}

// Clients meet the API's real answers: here, a 409 for whoever writes from an
// old copy.
func ExampleCluster_RESTConfig() {
	cluster := settledCluster(minik8s.Options{}, "")
	client, err := kubernetes.NewForConfig(cluster.RESTConfig())
	must(err)
	configMaps := client.CoreV1().ConfigMaps("default")

	created, err := configMaps.Create(context.Background(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "settings"}}, metav1.CreateOptions{})
	must(err)

	mine, theirs := created.DeepCopy(), created.DeepCopy()
	mine.Data = map[string]string{"colour": "red"}
	theirs.Data = map[string]string{"colour": "blue"}
	_, err = configMaps.Update(context.Background(), mine, metav1.UpdateOptions{})
	fmt.Println("mine:", err)
	_, err = configMaps.Update(context.Background(), theirs, metav1.UpdateOptions{})
	fmt.Println("theirs is a conflict:", apierrors.IsConflict(err))
	// Output:
	// mine: <nil>
	// theirs is a conflict: true
}

// Each step is one turn of one component: what it saw, the calls it made, and
// the reason for each.
func ExampleCluster_Step() {
	cluster := settledCluster(minik8s.Options{}, "")
	must(cluster.Apply(webManifest))
	for range 3 {
		turn, err := cluster.Step()
		must(err)
		fmt.Println(turn.Component)
		fmt.Println("  saw", turn.Saw)
		for _, call := range turn.Calls {
			if call.Verb != "event" {
				fmt.Printf("  %s %s: %s\n", call.Verb, call.Resource, call.Why)
			}
		}
	}
	// Output:
	// deployment-controller
	//   saw [3 pods wanted, at most 4, at least 3 available]
	//   create replicasets.apps: no ReplicaSet has this template; 3 of 3 pods may start
	//   update-status deployments.apps: 0 of 3 pods updated, 0 available
	// deployment-controller
	//   saw [3 pods wanted, at most 4, at least 3 available new web-6c996c97: asks for 3 pods, has 0, 0 available]
	// replicaset-controller
	//   saw [0 of 3 pods, 0 ready]
	//   create pods: have 0 of 3 pods
	//   create pods: have 0 of 3 pods
	//   create pods: have 0 of 3 pods
	//   update-status replicasets.apps: 0 pods, 0 ready, 0 available, 0 terminating
}

// The past is kept, and can be asked for one object.
func ExampleCluster_Trace() {
	cluster := settledCluster(minik8s.Options{}, webManifest)
	turns := cluster.Trace(minik8s.TraceOptions{
		Resource: reconcile.Deployments.GroupResource, Namespace: "default", Name: "web",
	})
	for _, turn := range turns {
		fmt.Println(turn.Component + turn.Command) // one of the two is empty
	}
	// Output:
	// apply deployments web
	// deployment-controller
	// deployment-controller
	// deployment-controller
}

// Why walks from an object's newest change to the change that woke its author,
// and so on back.
func ExampleCluster_Why() {
	cluster := settledCluster(minik8s.Options{}, "")
	must(cluster.Apply(webManifest))
	_, err := cluster.Step()
	must(err)
	links, err := cluster.Why(reconcile.Deployments.GroupResource, "default", "web")
	must(err)
	for _, link := range links {
		fmt.Printf("%s: %s %s: %s\n", who(link), link.Verb, link.Resource, link.Revision.Why)
	}
	// Output:
	// deployment-controller: update deployments.apps: 0 of 3 pods updated, 0 available
	// kubernetes-admin: create deployments.apps: apply deployments web
}

func who(l trace.Link) string {
	if l.Component != "" {
		return l.Component
	}
	return l.Actor
}

// Ten virtual minutes pass in a moment: a rollout to an image that does not
// exist runs into its deadline.
func ExampleCluster_Advance() {
	cluster := settledCluster(minik8s.Options{}, webManifest)
	must(cluster.Apply(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec: {containers: [{name: nginx, image: "nginx:doesnotexist"}]}
`))
	_, err := cluster.Advance(11 * time.Minute)
	must(err)
	web, _ := reconcile.Deployments.Get(viewOf(cluster), reconcile.Key{Namespace: "default", Name: "web"})
	for _, condition := range web.Status.Conditions {
		fmt.Println(condition.Type, condition.Status, condition.Reason)
	}
	// Unordered output:
	// Available True MinimumReplicasAvailable
	// Progressing False ProgressDeadlineExceeded
}

// A fork goes its own way: try something out in it.
func ExampleCluster_Fork() {
	cluster := settledCluster(minik8s.Options{}, webManifest)
	rehearsal := cluster.Fork()
	must(rehearsal.Apply(`{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 5}}`))
	_, err := rehearsal.Settle(time.Minute)
	must(err)
	fmt.Println("in the fork:", runningPods(rehearsal))
	fmt.Println("in the cluster:", runningPods(cluster))
	// Output:
	// in the fork: 5
	// in the cluster: 3
}

// At goes back to a revision. From there the world can go on, and it goes the
// way it went.
func ExampleCluster_At() {
	cluster := settledCluster(minik8s.Options{}, "")
	must(cluster.Apply(webManifest))
	applied := cluster.Store().Revision()
	_, err := cluster.Settle(time.Minute)
	must(err)

	past, err := cluster.At(applied)
	must(err)
	fmt.Println("then:", runningPods(past))
	_, err = past.Settle(time.Minute)
	must(err)
	fmt.Println("and on from there:", runningPods(past))
	fmt.Println("same revision:", past.Store().Revision() == cluster.Store().Revision())
	// Output:
	// then: 0
	// and on from there: 3
	// same revision: true
}

// A controller whose view is two ticks old, woken again and again, creates
// nine Pods for three, unless a key waits until the view has reached its own
// last write. Since 1.36 upstream has that rule, and so do we.
func ExampleCluster_SetLag() {
	for _, ownWrites := range []bool{true, false} {
		cluster := settledCluster(minik8s.Options{}, "")
		must(cluster.SetLag("replicaset-controller", 2))
		must(cluster.SetOwnWrites(ownWrites))
		must(cluster.Apply(webManifest))
		for n := range 6 {
			// The Deployment's annotations are copied to its ReplicaSet.
			must(cluster.Apply(fmt.Sprintf(`{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, annotations: {note: "%d"}}}`, n)))
			_, err := cluster.Tick()
			must(err)
		}
		fmt.Printf("own-writes rule %t: %d pods\n", ownWrites, len(reconcile.Pods.List(viewOf(cluster))))
	}
	// Output:
	// own-writes rule true: 3 pods
	// own-writes rule false: 9 pods
}

// A component that has crashed has no turns. When it comes back it lists
// everything anew.
func ExampleCluster_Crash() {
	cluster := settledCluster(minik8s.Options{}, "")
	must(cluster.Crash("default-scheduler"))
	must(cluster.Apply(webManifest))
	_, err := cluster.Settle(time.Minute)
	must(err)
	fmt.Println("without a scheduler:", runningPods(cluster))

	must(cluster.Restart("default-scheduler"))
	_, err = cluster.Settle(time.Minute)
	must(err)
	fmt.Println("with one:", runningPods(cluster))
	// Output:
	// without a scheduler: 0
	// with one: 3
}

// The same inputs at the same places, from the same seed, make the same
// world: a failure that was seen once can be seen again.
func ExampleCluster_Replay() {
	cluster := settledCluster(minik8s.Options{}, webManifest)
	again, err := cluster.Replay(0)
	must(err)
	fmt.Println("same names:", podNames(again)[0] == podNames(cluster)[0])
	fmt.Println("same revision:", again.Store().Revision() == cluster.Store().Revision())
	// Output:
	// same names: true
	// same revision: true
}

// A live cluster moves by itself, here as fast as it goes. Programs that watch
// it, such as a controller-runtime manager, run beside it.
func ExampleCluster_Run() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	cluster := settledCluster(minik8s.Options{}, "")
	cluster.Run(ctx, minik8s.LiveOptions{})

	client, err := kubernetes.NewForConfig(cluster.RESTConfig())
	must(err)
	watch, err := client.AppsV1().Deployments("default").Watch(ctx, metav1.ListOptions{})
	must(err)
	must(cluster.Apply(webManifest))
	for event := range watch.ResultChan() {
		if d := event.Object.(*appsv1.Deployment); d.Status.AvailableReplicas == 3 {
			fmt.Println("available:", d.Name)
			return
		}
	}
	// Output:
	// available: web
}

// A controller of one's own runs beside the built-in ones.
func ExampleOptions() {
	components := append(minik8s.Components(kinds.NewRegistry(kinds.All()), minik8s.Options{}), exposer())
	cluster := settledCluster(minik8s.Options{Components: components, Invariants: minik8s.Invariants()}, webManifest)
	must(cluster.Apply(exposerRights))
	must(cluster.Apply(`{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, annotations: {expose: "80"}}}`))
	_, err := cluster.Settle(time.Minute)
	must(err)

	web, _ := reconcile.Endpoints.Get(viewOf(cluster), reconcile.Key{Namespace: "default", Name: "web"})
	fmt.Println("addresses behind the Service:", len(web.Subsets[0].Addresses))
	// Output:
	// addresses behind the Service: 3
}

// What follows only keeps the examples short.

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// settledCluster has come to rest with a manifest, or without.
func settledCluster(o minik8s.Options, manifest string) *minik8s.Cluster {
	cluster, err := minik8s.New(o)
	must(err)
	must(cluster.Apply(manifest))
	_, err = cluster.Settle(time.Minute)
	must(err)
	return cluster
}

func runningPods(c *minik8s.Cluster) (running int) {
	for _, pod := range reconcile.Pods.List(viewOf(c)) {
		if pod.Status.Phase == corev1.PodRunning {
			running++
		}
	}
	return running
}

func podNames(c *minik8s.Cluster) (names []string) {
	for _, pod := range reconcile.Pods.List(viewOf(c)) {
		names = append(names, pod.Name)
	}
	return names
}
