package apiserver

import (
	"fmt"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/authentication/serviceaccount"
	"k8s.io/apiserver/pkg/features"

	"github.com/minik8s/minik8s/apiserver/admission"
	"github.com/minik8s/minik8s/apiserver/satoken"
	"github.com/minik8s/minik8s/kinds"
)

var tokenRequestKind = authenticationv1.SchemeGroupVersion.WithKind("TokenRequest")

// createToken gives out a token of a service account. Nothing is stored.
//
// Upstream: pkg/registry/core/serviceaccount/storage (TokenREST), without tokens bound to webhook configurations, whose gate is off.
func (c *call) createToken() error {
	asked, ok := c.req.Object.(*authenticationv1.TokenRequest)
	if !ok || c.GroupResource != serviceAccounts {
		return c.wrongBody(c.req.Object)
	}
	answer := asked.DeepCopy()
	kinds.Scheme().Default(answer)
	answer.SetGroupVersionKind(tokenRequestKind)
	if err := c.admit(admission.Create, answer, nil); err != nil {
		return err
	}
	if err := c.checkTokenMetadata(answer); err != nil {
		return err
	}
	stored := c.Store.Snapshot().Get(serviceAccounts, c.req.Namespace, c.req.Name)
	if stored == nil {
		return c.notFound()
	}
	account := stored.Value.(*corev1.ServiceAccount)
	if err := c.completeTokenRequest(answer, account); err != nil {
		return err
	}
	if err := c.validateAdmission(admission.Create, answer, nil); err != nil {
		return err
	}
	lifetime := time.Duration(*answer.Spec.ExpirationSeconds) * time.Second
	order := satoken.Order{Account: account, Audiences: answer.Spec.Audiences, Lifetime: lifetime, Now: c.now}
	if err := c.bindToken(&order, answer.Spec.BoundObjectRef, account); err != nil {
		return err
	}
	token, id, err := c.tokenKey().Issue(order)
	if err != nil {
		return apierrors.NewInternalError(fmt.Errorf("failed to generate token: %w", err))
	}
	(*lentWorld)(c).Annotate(serviceaccount.IssuedCredentialIDAuditAnnotationKey, "JTI="+id)
	answer.Status = authenticationv1.TokenRequestStatus{Token: token, ExpirationTimestamp: seconds(c.now.Add(lifetime))}
	c.response.Object = answer
	return nil
}

// completeTokenRequest fills in what the account and the server know, and
// validates.
func (c *call) completeTokenRequest(r *authenticationv1.TokenRequest, account *corev1.ServiceAccount) error {
	if r.UID != "" && r.UID != account.UID {
		return apierrors.NewConflict(schema.GroupResource{Group: tokenRequestKind.Group, Resource: tokenRequestKind.Kind}, account.Name,
			fmt.Errorf("the UID in the token request (%s) does not match the UID of the service account (%s)", r.UID, account.UID))
	}
	r.Name, r.Namespace, r.UID = account.Name, account.Namespace, account.UID
	r.CreationTimestamp = seconds(c.now)
	r.Status = authenticationv1.TokenRequestStatus{}
	if len(r.Spec.Audiences) == 0 {
		r.Spec.Audiences = []string{satoken.Issuer}
	}
	if errs := kinds.ValidateTokenRequest(r); len(errs) > 0 {
		return apierrors.NewInvalid(tokenRequestKind.GroupKind(), "", errs)
	}
	return nil
}

// checkTokenMetadata refuses a request that says it is for another account
// than its path.
func (c *call) checkTokenMetadata(asked *authenticationv1.TokenRequest) error {
	path := field.NewPath("metadata")
	var fault *field.Error
	switch {
	case asked.Name != "" && asked.Name != c.req.Name:
		fault = field.Invalid(path.Child("name"), asked.Name, "must match the service account name if specified")
	case asked.Namespace != "" && asked.Namespace != c.req.Namespace:
		fault = field.Invalid(path.Child("namespace"), asked.Namespace, "must match the service account namespace if specified")
	default:
		return nil
	}
	return apierrors.NewInvalid(tokenRequestKind.GroupKind(), c.req.Name, field.ErrorList{fault})
}

// bindToken finds the object that the token is to fall with.
func (c *call) bindToken(order *satoken.Order, ref *authenticationv1.BoundObjectReference, account *corev1.ServiceAccount) error {
	if ref == nil {
		return nil
	}
	var err error
	var bound metav1.Object
	gvk := schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind)
	switch {
	case gvk.Group == "" && gvk.Kind == "Pod":
		var pod *corev1.Pod
		if pod, err = c.podOf(ref.Name, account); err != nil {
			return err
		}
		bound, order.Pod, order.Node = pod, satoken.RefTo(pod), c.nodeOf(pod)
	case gvk.Group == "" && gvk.Kind == "Node":
		if bound, err = c.boundObject(nodes, "", ref.Name); err != nil {
			return err
		}
		order.Node = satoken.RefTo(bound)
	case gvk.Group == "" && gvk.Kind == "Secret":
		if bound, err = c.boundObject(secrets, c.req.Namespace, ref.Name); err != nil {
			return err
		}
		order.Secret = satoken.RefTo(bound)
	case gvk.GroupVersion() == admissionregistrationv1.SchemeGroupVersion && (gvk.Kind == "ValidatingWebhookConfiguration" || gvk.Kind == "MutatingWebhookConfiguration"):
		return apierrors.NewBadRequest(fmt.Sprintf("cannot bind token to object of type %s (feature gate %s is disabled)", gvk, features.APIServerWebhookAuthenticationToken))
	default:
		return apierrors.NewBadRequest(fmt.Sprintf("cannot bind token to object of type %s", gvk))
	}
	return sameUID(gvk, ref, bound.GetUID())
}

func sameUID(gvk schema.GroupVersionKind, ref *authenticationv1.BoundObjectReference, uid types.UID) error {
	if ref.UID == "" || ref.UID == uid {
		return nil
	}
	return apierrors.NewConflict(schema.GroupResource{Group: gvk.Group, Resource: gvk.Kind}, ref.Name,
		fmt.Errorf("the UID in the bound object reference (%s) does not match the UID in record. The object might have been deleted and then recreated", ref.UID))
}

func (c *call) boundObject(gr schema.GroupResource, namespace, name string) (metav1.Object, error) {
	if name == "" {
		return nil, apierrors.NewBadRequest("Name parameter required.")
	}
	stored := c.Store.Snapshot().Get(gr, namespace, name)
	if stored == nil {
		return nil, apierrors.NewNotFound(gr, name)
	}
	return stored.Value.(metav1.Object), nil
}

func (c *call) podOf(name string, account *corev1.ServiceAccount) (*corev1.Pod, error) {
	stored, err := c.boundObject(pods, c.req.Namespace, name)
	if err != nil {
		return nil, err
	}
	pod := stored.(*corev1.Pod)
	if pod.Spec.ServiceAccountName != account.Name {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("cannot bind token for serviceaccount %q to pod running with different serviceaccount name.", account.Name))
	}
	return pod, nil
}

// nodeOf is the Pod's node, if only by name.
func (c *call) nodeOf(pod *corev1.Pod) *satoken.Ref {
	if pod.Spec.NodeName == "" {
		return nil
	}
	if node, err := c.boundObject(nodes, "", pod.Spec.NodeName); err == nil {
		return satoken.RefTo(node)
	}
	return &satoken.Ref{Name: pod.Spec.NodeName}
}
