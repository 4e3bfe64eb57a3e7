package kinds

import (
	"reflect"
	"sync"
)

// All lists every built-in kind, and the simulator's own at the end.
func All() []*Kind {
	all := list()
	for _, k := range all {
		k.times = sync.OnceValue(func() *timePaths { return timesIn(reflect.TypeOf(k.New())) })
		k.empties = sync.OnceValue(func() emptyPaths { return emptiesIn(k) })
	}
	return all
}

func list() []*Kind {
	return []*Kind{
		namespace(),
		node(),
		lease(),
		pod(),
		service(),
		endpoints(),
		endpointSlice(),
		event(),
		configMap(),
		secret(),
		serviceAccount(),
		deployment(),
		replicaSet(),
		controllerRevision(),
		persistentVolume(),
		persistentVolumeClaim(),
		resourceQuota(),
		limitRange(),
		podTemplate(),
		replicationController(),
		statefulSet(),
		daemonSet(),
		job(),
		cronJob(),
		podDisruptionBudget(),
		priorityClass(),
		ingress(),
		ingressClass(),
		networkPolicy(),
		role(),
		clusterRole(),
		roleBinding(),
		clusterRoleBinding(),
		storageClass(),
		volumeAttachment(),
		csiDriver(),
		csiNode(),
		csiStorageCapacity(),
		volumeAttributesClass(),
		runtimeClass(),
		horizontalPodAutoscaler(),
		certificateSigningRequest(),
		selfSubjectReview(),
		tokenReview(),
		subjectAccessReview(),
		localSubjectAccessReview(),
		selfSubjectAccessReview(),
		selfSubjectRulesReview(),
		clusterTrustBundle(),
		podCertificateRequest(),
		validatingWebhookConfiguration(),
		mutatingWebhookConfiguration(),
		validatingAdmissionPolicy(),
		validatingAdmissionPolicyBinding(),
		mutatingAdmissionPolicy(),
		mutatingAdmissionPolicyBinding(),
		deviceClass(),
		deviceTaintRule(),
		resourceClaim(),
		resourceClaimTemplate(),
		resourceSlice(),
		serviceCIDR(),
		ipAddress(),
		flowSchema(),
		priorityLevelConfiguration(),
		storageVersionMigration(),
		customResourceDefinition(),
		componentStatus(),
		apiService(),
		nodeMetrics(),
		podMetrics(),
		machine(),
		sandbox(),
		proxyRules(),
	}
}
