package apiserver

import (
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	schedulingv1 "k8s.io/kubernetes/pkg/apis/scheduling/v1"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/apiserver/rbac"
	"github.com/minik8s/minik8s/store"
)

// Where the API server itself listens, and the Service that leads there.
const (
	securePort        = 6443
	kubernetesService = "kubernetes"
)

// Bootstrap creates what a real API server creates by itself when it starts:
// the system's namespaces, the Service under which pods find it, what others are
// told of authentication, and the system's priority classes.
//
// Upstream: pkg/controlplane/controller (systemnamespaces, kubernetesservice) and pkg/registry/scheduling/rest (AddSystemPriorityClasses), once instead of all the time, so that what a user deletes does not come back.
func (s *Server) Bootstrap() error {
	for _, name := range []string{metav1.NamespaceSystem, metav1.NamespacePublic, corev1.NamespaceNodeLease, metav1.NamespaceDefault} {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if err := s.bootstrap(namespaces, ns); err != nil {
			return err
		}
	}
	if err := s.bootstrapPolicy(); err != nil {
		return err
	}
	if err := s.bootstrapServiceCIDR(); err != nil {
		return err
	}
	if err := s.bootstrap(services, s.kubernetesService()); err != nil {
		return err
	}
	if err := s.bootstrap(endpoints, s.kubernetesEndpoints()); err != nil {
		return err
	}
	if err := s.bootstrap(endpointSlices, s.kubernetesEndpointSlice()); err != nil {
		return err
	}
	if err := bootstrapAll(s, configMaps, s.authenticationConfigMaps()); err != nil {
		return err
	}
	if err := bootstrapAll(s, priorityClasses, schedulingv1.SystemPriorityClasses()); err != nil {
		return err
	}
	return s.bootstrapFlowControl()
}

// bootstrapPolicy creates the roles and bindings that every cluster has.
func (s *Server) bootstrapPolicy() error {
	policy := rbac.NewBootstrap()
	return errors.Join(
		bootstrapAll(s, rbac.ClusterRoles, policy.ClusterRoles),
		bootstrapAll(s, rbac.ClusterRoleBindings, policy.ClusterRoleBindings),
		bootstrapAll(s, rbac.Roles, policy.Roles),
		bootstrapAll(s, rbac.RoleBindings, policy.RoleBindings),
	)
}

func bootstrapAll[T runtime.Object](s *Server, gr schema.GroupResource, all []T) error {
	for _, obj := range all {
		if err := s.bootstrap(gr, obj); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) bootstrap(gr schema.GroupResource, obj runtime.Object) error {
	return s.bootstrapWrite(Request{Verb: Create, Resource: gr.WithVersion(""), Object: obj})
}

// bootstrapStatus writes the status of what bootstrap has created.
func (s *Server) bootstrapStatus(gr schema.GroupResource, obj runtime.Object) error {
	return s.bootstrapWrite(Request{Verb: Update, Subresource: "status", Resource: gr.WithVersion(""), Object: obj})
}

func (s *Server) bootstrapWrite(req Request) error {
	req.User, req.Origin = serverUser, store.Origin{Time: s.Now(), Reason: "the API server starts"}
	if _, err := s.Do(req); err != nil {
		return fmt.Errorf("bootstrapping %s: %w", req.Resource.GroupResource(), err)
	}
	return nil
}

func (s *Server) kubernetesService() *corev1.Service {
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: metav1.NamespaceDefault,
			Name:      kubernetesService,
			Labels:    map[string]string{"component": "apiserver", "provider": "kubernetes"},
		},
		Spec: corev1.ServiceSpec{
			Type:      corev1.ServiceTypeClusterIP,
			ClusterIP: nthAddress(s.ServiceCIDRs[0], 1).String(),
			Ports: []corev1.ServicePort{{
				Name: "https", Protocol: corev1.ProtocolTCP, Port: 443, TargetPort: intstr.FromInt32(securePort),
			}},
			SessionAffinity: corev1.ServiceAffinityNone,
		},
	}
}

func (s *Server) kubernetesEndpoints() *corev1.Endpoints {
	return &corev1.Endpoints{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: metav1.NamespaceDefault,
			Name:      kubernetesService,
			Labels:    map[string]string{discoveryv1.LabelSkipMirror: "true"},
		},
		Subsets: []corev1.EndpointSubset{{
			Addresses: []corev1.EndpointAddress{{IP: s.Address.String()}},
			Ports:     []corev1.EndpointPort{{Name: "https", Protocol: corev1.ProtocolTCP, Port: securePort}},
		}},
	}
}

func (s *Server) kubernetesEndpointSlice() *discoveryv1.EndpointSlice {
	return &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: metav1.NamespaceDefault,
			Name:      kubernetesService,
			Labels:    map[string]string{discoveryv1.LabelServiceName: kubernetesService},
		},
		AddressType: discoveryv1.AddressTypeIPv4,
		Endpoints: []discoveryv1.Endpoint{{
			Addresses:  []string{s.Address.String()},
			Conditions: discoveryv1.EndpointConditions{Ready: ptr.To(true)},
		}},
		Ports: []discoveryv1.EndpointPort{{
			Name: ptr.To("https"), Protocol: ptr.To(corev1.ProtocolTCP), Port: ptr.To[int32](securePort),
		}},
	}
}
