package kinds

// All lists every built-in kind, and the simulator's own at the end.
func All() []*Kind {
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
		machine(),
		sandbox(),
		proxyRules(),
	}
}
