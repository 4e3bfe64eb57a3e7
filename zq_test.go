package minik8s_test
import ("testing";"fmt";"time";"github.com/minik8s/minik8s";"github.com/minik8s/minik8s/reconcile")
func TestZQ(t *testing.T){
	cluster := settledCluster(minik8s.Options{}, webManifest)
	must(cluster.Apply(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec: {containers: [{name: nginx, image: "nosuch:1"}]}
`))
	for range 11 {
	_, err := cluster.Advance(time.Minute)
	must(err)
	web, _ := reconcile.Deployments.Get(viewOfCluster(cluster), reconcile.Key{Namespace: "default", Name: "web"})
	fmt.Println(web.Spec.Template.Spec.Containers[0].Image, web.Status)
	}
	for _, w := range cluster.Work() { fmt.Println(w.Instance, w.Key, w.Due, w.Why, w.Background) }
}
