package minik8s

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/apiserver/authority"
	"github.com/minik8s/minik8s/apiserver/quota"
	"github.com/minik8s/minik8s/apiserver/satoken"
	"github.com/minik8s/minik8s/controllers"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/kubeletsim"
	"github.com/minik8s/minik8s/proxysim"
	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/scheduler"
)

// Components are the components of a cluster that is made with the options, in
// the order in which their turns of one tick are run. To add one, add a line.
func Components(r *kinds.Registry, o Options) []reconcile.Component {
	world, ca := worldOf(r), o.authority()
	return []reconcile.Component{
		controllers.CustomResourceNaming(),
		controllers.CustomResourceEstablishing(),
		controllers.CustomResourceApproval(),
		controllers.CustomResourceFinalizer(),
		controllers.Namespace(namespacedResources(r), world.namespaced),
		controllers.ServiceAccount(),
		controllers.ServiceAccountTokens(ca.PEM(), satoken.NewKey(o.Seed).IssueKept),
		controllers.RootCACertPublisher(string(ca.PEM())),
		controllers.ClusterTrustBundlePublisher(string(ca.PEM())),
		controllers.CSRApproving(authority.KubeletClient, o.reviewAccess),
		controllers.CSRSigning(controllers.CertificateSigner{Signs: authority.Signs, Check: authority.Check, Sign: ca.Sign}),
		controllers.CSRCleaner(),
		controllers.PodCertificateRequestCleaner(),
		controllers.LegacyTokenCleaner(namesSecret),
		controllers.TokenCleaner(),
		controllers.ResourceQuota(quotaResources(r), measureQuota(r, world.namespaced)),
		controllers.NodeLifecycle(),
		controllers.ServiceCIDR(),
		controllers.PVCProtection(),
		controllers.PVProtection(),
		controllers.VACProtection(),
		controllers.Deployment(),
		controllers.ReplicaSet(),
		controllers.ReplicationController(),
		controllers.Endpoints(),
		controllers.EndpointSlice(),
		controllers.EndpointSliceMirroring(),
		controllers.Disruption(world.restMapping, world.scale),
		controllers.StalePodDisruption(),
		controllers.ClusterRoleAggregation(),
		controllers.ValidatingAdmissionPolicyStatus(world.policyTypes),
		controllers.FlowSchemaStatus(),
		controllers.GarbageCollector(collectedResources(r), world.custom, world.restMapping),
		scheduler.New(),
		kubeletsim.Kubelet(),
		proxysim.KubeProxy(),
	}
}

func namespacedResources(r *kinds.Registry) []schema.GroupVersionResource {
	var all []schema.GroupVersionResource
	for _, k := range r.All() {
		if k.Namespaced && k.IsStored() {
			all = append(all, k.GroupVersion().WithResource(k.Resource))
		}
	}
	return all
}

func collectedResources(r *kinds.Registry) []schema.GroupResource {
	var all []schema.GroupResource
	for _, k := range r.All() {
		if k.IsStored() {
			all = append(all, k.GroupResource())
		}
	}
	return all
}

// quotaResources are those that a ResourceQuota can limit.
func quotaResources(r *kinds.Registry) []schema.GroupResource {
	var all []schema.GroupResource
	for _, gvr := range namespacedResources(r) {
		if gr := gvr.GroupResource(); !quota.Ignores(gr) {
			all = append(all, gr)
		}
	}
	return all
}

// measureQuota measures with the same rules as admission charges, custom
// resources too.
func measureQuota(r *kinds.Registry, custom controllers.CustomResources) controllers.MeasureQuota {
	resources := quotaResources(r)
	return func(v reconcile.View, q *corev1.ResourceQuota) (corev1.ResourceList, error) {
		w := quota.World{Now: v.Now(), List: func(gr schema.GroupResource, namespace string) []runtime.Object {
			objects := v.List(gr, reconcile.InNamespace(namespace))
			all := make([]runtime.Object, len(objects))
			for i, o := range objects {
				all[i] = o
			}
			return all
		}}
		all := slices.Clip(resources)
		for _, gvr := range custom(v) {
			all = append(all, gvr.GroupResource())
		}
		return w.Usage(all, q)
	}
}
