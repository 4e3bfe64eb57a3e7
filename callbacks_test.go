package minik8s_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/engine"
	"github.com/minik8s/minik8s/reconcile"
)

// caller is a webhook that uses the API of the cluster that asks it.
type caller struct {
	kubernetes.Interface
	asked  atomic.Int32
	failed atomic.Value
}

// ask reads, asks for rights and writes, as policy engines do.
func (c *caller) ask(r *admissionv1.AdmissionRequest) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if _, err := c.CoreV1().Namespaces().Get(ctx, r.Namespace, metav1.GetOptions{}); err != nil {
		return err
	}
	if _, err := c.CoreV1().Pods(r.Namespace).List(ctx, metav1.ListOptions{}); err != nil {
		return err
	}
	review, err := c.AuthorizationV1().SubjectAccessReviews().Create(ctx, &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: r.UserInfo.Username, Groups: r.UserInfo.Groups, ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: "create", Resource: "pods", Namespace: r.Namespace},
	}}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	if !review.Status.Allowed {
		return fmt.Errorf("%s may not create pods", r.UserInfo.Username)
	}
	note := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("note-%d", c.asked.Add(1))}}
	_, err = c.CoreV1().ConfigMaps(r.Namespace).Create(ctx, note, metav1.CreateOptions{})
	return err
}

func (c *caller) answer(r *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
	if r.Operation != admissionv1.Create || r.SubResource != "" {
		return allow.DeepCopy()
	}
	if err := c.ask(r); err != nil {
		c.failed.Store(err)
		return nil
	}
	return patch(fmt.Sprintf(`[{"op":"add","path":"/metadata/labels/turn","value":"%d"}]`, c.asked.Load()))
}

func (c *caller) err() error {
	err, _ := c.failed.Load().(error)
	return err
}

// TestWebhooksCallBack: a webhook reads and writes while a component's Pods wait
// for it, whoever moves the clock.
func TestWebhooksCallBack(t *testing.T) {
	t.Parallel()
	for name, live := range map[string]*minik8s.LiveOptions{
		"by hand": nil, "in real time": {Speed: 1}, "as fast as it goes": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cluster, client := newCluster(t)
			hook := &caller{Interface: client}
			p := newProgram(t, hook.answer)
			mutating(t, client, "pods", admissionregistrationv1.MutatingWebhook{ClientConfig: p.config(), TimeoutSeconds: ptr.To[int32](30)})
			apply(t, cluster, benchNamespace)
			if live == nil {
				deploy(t, cluster, 3, "1.22")
			} else {
				ctx, stop := context.WithCancel(t.Context())
				cluster.Run(ctx, *live)
				apply(t, cluster, fmt.Sprintf(webDeployment, "bench", 3, "1.22"))
				require.Eventually(t, func() bool {
					d, _ := reconcile.Deployments.Get(viewOf(cluster), reconcile.Key{Namespace: "bench", Name: "web"})
					return hook.err() != nil || complete(d, 3)
				}, time.Minute, 5*time.Millisecond)
				stop()
			}
			require.NoError(t, hook.err())
			require.EqualValues(t, 3, hook.asked.Load())
			requireNoErrors(t, cluster)
			p.Close()
			again, err := cluster.Replay(0)
			require.NoError(t, err)
			require.Equal(t, hash(t, cluster.Store()), hash(t, again.Store()))
		})
	}
}

// requireNoErrors: no turn had one.
func requireNoErrors(t *testing.T, c *minik8s.Cluster) {
	t.Helper()
	for turn := range engine.Turns(c.Store().Snapshot(), 0) {
		require.Empty(t, turn.Err, "turn %d", turn.Number)
	}
}

// TestAWebhookDeletesTheVeryObject: who wanted to write it is told that it is gone.
func TestAWebhookDeletesTheVeryObject(t *testing.T) {
	t.Parallel()
	cluster, client := newCluster(t)
	var deleted atomic.Bool
	p := newProgram(t, func(r *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
		if r.Operation == admissionv1.Update && deleted.CompareAndSwap(false, true) {
			now := metav1.DeleteOptions{GracePeriodSeconds: ptr.To[int64](0)}
			if r.Kind.Kind == "Pod" && client.CoreV1().Pods(r.Namespace).Delete(context.Background(), r.Name, now) != nil {
				return nil
			}
			if r.Kind.Kind == "ConfigMap" && client.CoreV1().ConfigMaps(r.Namespace).Delete(context.Background(), r.Name, now) != nil {
				return nil
			}
		}
		return allow.DeepCopy()
	})
	mutating(t, client, "pods/status", admissionregistrationv1.MutatingWebhook{ClientConfig: p.config()})
	apply(t, cluster, benchNamespace)
	deploy(t, cluster, 2, "1.22")
	require.True(t, deleted.Load())
	var refused []error
	for turn := range engine.Turns(cluster.Store().Snapshot(), 0) {
		if turn.Err != "" {
			refused = append(refused, errors.New(turn.Err))
		}
	}
	require.Len(t, refused, 1)
	require.ErrorContains(t, refused[0], "not found")

	validating(t, client, admissionregistrationv1.ValidatingWebhook{ClientConfig: p.config()})
	one, err := put(client, "one", nil)
	require.NoError(t, err)
	deleted.Store(false)
	one.Data = map[string]string{"a": "1"}
	_, err = client.CoreV1().ConfigMaps("default").Update(t.Context(), one, metav1.UpdateOptions{})
	requireStatus(t, err, 404, metav1.StatusReasonNotFound)
}

// TestWebhooksSideBySide: a validating webhook answers once all have been asked.
func TestWebhooksSideBySide(t *testing.T) {
	t.Parallel()
	const webhooks = 3
	cluster, client := newCluster(t)
	arrived := make(chan struct{}, webhooks)
	together := make(chan struct{})
	go func() {
		for range webhooks {
			<-arrived
		}
		close(together)
	}()
	var configured []admissionregistrationv1.ValidatingWebhook
	for n := range webhooks {
		p := newProgram(t, func(*admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
			arrived <- struct{}{}
			<-together
			time.Sleep(time.Duration(webhooks-n) * time.Millisecond) // the first comes last
			return &admissionv1.AdmissionResponse{Allowed: n == 0, Warnings: []string{fmt.Sprint(n)}, Result: &metav1.Status{Message: fmt.Sprint(n)}}
		})
		configured = append(configured, admissionregistrationv1.ValidatingWebhook{
			Name: fmt.Sprintf("check%d.example.com", n), ClientConfig: p.config(), Rules: about("configmaps"),
			AdmissionReviewVersions: []string{"v1"}, SideEffects: ptr.To(admissionregistrationv1.SideEffectClassNone),
		})
	}
	_, err := client.AdmissionregistrationV1().ValidatingWebhookConfigurations().Create(t.Context(), &admissionregistrationv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: "check"}, Webhooks: configured,
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	var warned recorder
	loud := cluster.RESTConfig()
	loud.WarningHandler = &warned
	_, err = put(kubernetes.NewForConfigOrDie(loud), "one", nil)
	require.EqualError(t, err, `admission webhook "check1.example.com" denied the request: 1`)
	require.Equal(t, recorder{"0", "1", "2"}, warned)
}
