package reconcile

import (
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	networkingv1 "k8s.io/api/networking/v1"
	nodev1 "k8s.io/api/node/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	resourcev1 "k8s.io/api/resource/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	storagemigrationv1 "k8s.io/api/storagemigration/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// The resources that components may read, with the Go type each is stored as:
// all that are stored.
var (
	Namespaces             = resource[*corev1.Namespace]("", "namespaces")
	Nodes                  = resource[*corev1.Node]("", "nodes")
	Pods                   = resource[*corev1.Pod]("", "pods")
	PodTemplates           = resource[*corev1.PodTemplate]("", "podtemplates")
	Services               = resource[*corev1.Service]("", "services")
	Endpoints              = resource[*corev1.Endpoints]("", "endpoints")
	ConfigMaps             = resource[*corev1.ConfigMap]("", "configmaps")
	Secrets                = resource[*corev1.Secret]("", "secrets")
	ServiceAccounts        = resource[*corev1.ServiceAccount]("", "serviceaccounts")
	ReplicationControllers = resource[*corev1.ReplicationController]("", "replicationcontrollers")
	PersistentVolumes      = resource[*corev1.PersistentVolume]("", "persistentvolumes")
	PersistentVolumeClaims = resource[*corev1.PersistentVolumeClaim]("", "persistentvolumeclaims")
	ResourceQuotas         = resource[*corev1.ResourceQuota]("", "resourcequotas")
	LimitRanges            = resource[*corev1.LimitRange]("", "limitranges")
	Events                 = resource[*corev1.Event]("", "events")

	Deployments         = resource[*appsv1.Deployment]("apps", "deployments")
	ReplicaSets         = resource[*appsv1.ReplicaSet]("apps", "replicasets")
	StatefulSets        = resource[*appsv1.StatefulSet]("apps", "statefulsets")
	DaemonSets          = resource[*appsv1.DaemonSet]("apps", "daemonsets")
	ControllerRevisions = resource[*appsv1.ControllerRevision]("apps", "controllerrevisions")

	Jobs                     = resource[*batchv1.Job]("batch", "jobs")
	CronJobs                 = resource[*batchv1.CronJob]("batch", "cronjobs")
	HorizontalPodAutoscalers = resource[*autoscalingv2.HorizontalPodAutoscaler]("autoscaling", "horizontalpodautoscalers")
	PodDisruptionBudgets     = resource[*policyv1.PodDisruptionBudget]("policy", "poddisruptionbudgets")
	PriorityClasses          = resource[*schedulingv1.PriorityClass]("scheduling.k8s.io", "priorityclasses")
	RuntimeClasses           = resource[*nodev1.RuntimeClass]("node.k8s.io", "runtimeclasses")
	EndpointSlices           = resource[*discoveryv1.EndpointSlice]("discovery.k8s.io", "endpointslices")
	Leases                   = resource[*coordinationv1.Lease]("coordination.k8s.io", "leases")

	Ingresses       = resource[*networkingv1.Ingress]("networking.k8s.io", "ingresses")
	IngressClasses  = resource[*networkingv1.IngressClass]("networking.k8s.io", "ingressclasses")
	NetworkPolicies = resource[*networkingv1.NetworkPolicy]("networking.k8s.io", "networkpolicies")
	ServiceCIDRs    = resource[*networkingv1.ServiceCIDR]("networking.k8s.io", "servicecidrs")
	IPAddresses     = resource[*networkingv1.IPAddress]("networking.k8s.io", "ipaddresses")

	Roles               = resource[*rbacv1.Role]("rbac.authorization.k8s.io", "roles")
	ClusterRoles        = resource[*rbacv1.ClusterRole]("rbac.authorization.k8s.io", "clusterroles")
	RoleBindings        = resource[*rbacv1.RoleBinding]("rbac.authorization.k8s.io", "rolebindings")
	ClusterRoleBindings = resource[*rbacv1.ClusterRoleBinding]("rbac.authorization.k8s.io", "clusterrolebindings")

	StorageClasses          = resource[*storagev1.StorageClass]("storage.k8s.io", "storageclasses")
	VolumeAttachments       = resource[*storagev1.VolumeAttachment]("storage.k8s.io", "volumeattachments")
	CSIDrivers              = resource[*storagev1.CSIDriver]("storage.k8s.io", "csidrivers")
	CSINodes                = resource[*storagev1.CSINode]("storage.k8s.io", "csinodes")
	CSIStorageCapacities    = resource[*storagev1.CSIStorageCapacity]("storage.k8s.io", "csistoragecapacities")
	VolumeAttributesClasses = resource[*storagev1.VolumeAttributesClass]("storage.k8s.io", "volumeattributesclasses")

	CertificateSigningRequests = resource[*certificatesv1.CertificateSigningRequest]("certificates.k8s.io", "certificatesigningrequests")
	ClusterTrustBundles        = resource[*certificatesv1.ClusterTrustBundle]("certificates.k8s.io", "clustertrustbundles")
	PodCertificateRequests     = resource[*certificatesv1.PodCertificateRequest]("certificates.k8s.io", "podcertificaterequests")

	ValidatingWebhookConfigurations   = resource[*admissionregistrationv1.ValidatingWebhookConfiguration]("admissionregistration.k8s.io", "validatingwebhookconfigurations")
	MutatingWebhookConfigurations     = resource[*admissionregistrationv1.MutatingWebhookConfiguration]("admissionregistration.k8s.io", "mutatingwebhookconfigurations")
	ValidatingAdmissionPolicies       = resource[*admissionregistrationv1.ValidatingAdmissionPolicy]("admissionregistration.k8s.io", "validatingadmissionpolicies")
	ValidatingAdmissionPolicyBindings = resource[*admissionregistrationv1.ValidatingAdmissionPolicyBinding]("admissionregistration.k8s.io", "validatingadmissionpolicybindings")
	MutatingAdmissionPolicies         = resource[*admissionregistrationv1.MutatingAdmissionPolicy]("admissionregistration.k8s.io", "mutatingadmissionpolicies")
	MutatingAdmissionPolicyBindings   = resource[*admissionregistrationv1.MutatingAdmissionPolicyBinding]("admissionregistration.k8s.io", "mutatingadmissionpolicybindings")
	CustomResourceDefinitions         = resource[*apiextensionsv1.CustomResourceDefinition]("apiextensions.k8s.io", "customresourcedefinitions")

	DeviceClasses          = resource[*resourcev1.DeviceClass]("resource.k8s.io", "deviceclasses")
	DeviceTaintRules       = resource[*resourcev1.DeviceTaintRule]("resource.k8s.io", "devicetaintrules")
	ResourceClaims         = resource[*resourcev1.ResourceClaim]("resource.k8s.io", "resourceclaims")
	ResourceClaimTemplates = resource[*resourcev1.ResourceClaimTemplate]("resource.k8s.io", "resourceclaimtemplates")
	ResourceSlices         = resource[*resourcev1.ResourceSlice]("resource.k8s.io", "resourceslices")

	FlowSchemas                 = resource[*flowcontrolv1.FlowSchema]("flowcontrol.apiserver.k8s.io", "flowschemas")
	PriorityLevelConfigurations = resource[*flowcontrolv1.PriorityLevelConfiguration]("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations")
	StorageVersionMigrations    = resource[*storagemigrationv1.StorageVersionMigration]("storagemigration.k8s.io", "storageversionmigrations")

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
