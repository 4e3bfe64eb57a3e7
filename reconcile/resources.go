package reconcile

import (
	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	policyv1 "k8s.io/api/policy/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// The resources that components read, with the Go type each is stored as.
var (
	Namespaces             = resource[*corev1.Namespace]("", "namespaces")
	Nodes                  = resource[*corev1.Node]("", "nodes")
	Pods                   = resource[*corev1.Pod]("", "pods")
	Services               = resource[*corev1.Service]("", "services")
	Endpoints              = resource[*corev1.Endpoints]("", "endpoints")
	ConfigMaps             = resource[*corev1.ConfigMap]("", "configmaps")
	Secrets                = resource[*corev1.Secret]("", "secrets")
	ServiceAccounts        = resource[*corev1.ServiceAccount]("", "serviceaccounts")
	ReplicationControllers = resource[*corev1.ReplicationController]("", "replicationcontrollers")
	Events                 = resource[*corev1.Event]("", "events")

	Deployments         = resource[*appsv1.Deployment]("apps", "deployments")
	ReplicaSets         = resource[*appsv1.ReplicaSet]("apps", "replicasets")
	StatefulSets        = resource[*appsv1.StatefulSet]("apps", "statefulsets")
	ControllerRevisions = resource[*appsv1.ControllerRevision]("apps", "controllerrevisions")

	PodDisruptionBudgets      = resource[*policyv1.PodDisruptionBudget]("policy", "poddisruptionbudgets")
	CustomResourceDefinitions = resource[*apiextensionsv1.CustomResourceDefinition]("apiextensions.k8s.io", "customresourcedefinitions")

	EndpointSlices = resource[*discoveryv1.EndpointSlice]("discovery.k8s.io", "endpointslices")
	Leases         = resource[*coordinationv1.Lease]("coordination.k8s.io", "leases")

	Machines   = resource[*nodelocal.Machine](nodelocal.Group, "machines")
	Sandboxes  = resource[*nodelocal.Sandbox](nodelocal.Group, "sandboxes")
	ProxyRules = resource[*nodelocal.ProxyRules](nodelocal.Group, "proxyrules")
)

// CustomResources as the resource of a Watch stands for the objects of all
// CustomResourceDefinitions, those to come included. They are
// *unstructured.Unstructured in the version that they are stored in.
var CustomResources = schema.GroupResource{Resource: "*"}

func resource[T Object](group, name string) Resource[T] {
	return Resource[T]{schema.GroupResource{Group: group, Resource: name}}
}
