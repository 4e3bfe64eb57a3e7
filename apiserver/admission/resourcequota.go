package admission

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	upstream "k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/resourcequota"
	quotav1 "k8s.io/apiserver/pkg/quota/v1"

	"github.com/minik8s/minik8s/apiserver/quota"
)

// resourceQuota refuses what would use up more of a namespace than its quotas
// allow, and charges the quotas for the rest. It is the last plugin: what is
// charged is going to be stored.
//
// Upstream: k8s.io/apiserver/pkg/admission/plugin/resourcequota, whose rule (CheckRequest) is called; without limited resources, which need a configuration file.
func resourceQuota() Plugin {
	return Plugin{Name: "ResourceQuota", Validate: func(a *Attributes) error {
		if a.Namespace == "" || !a.mayUseQuota() {
			return nil
		}
		quotas := a.quotas()
		if len(quotas) == 0 {
			return nil
		}
		return a.charge(quotas)
	}}
}

// mayUseQuota lets by, cheaply, what no evaluator would charge for. Only pods,
// services and claims can use more after an update.
func (a *Attributes) mayUseQuota() bool {
	gr := a.Resource.GroupResource()
	switch a.Operation {
	case Create:
		return a.Subresource == "" && gr != namespaces && !quota.Ignores(gr)
	case Update:
		return gr == pods && a.Subresource != "status" || gr == services || gr == persistentVolumeClaims
	}
	return false
}

func (a *Attributes) quotas() []corev1.ResourceQuota {
	var found []corev1.ResourceQuota
	for obj := range a.List(resourceQuotas, a.Namespace) {
		found = append(found, *obj.(*corev1.ResourceQuota))
	}
	return found
}

func (a *Attributes) charge(quotas []corev1.ResourceQuota) error {
	evaluator := quota.World{Now: a.Now}.Evaluator(a.Resource.GroupResource())
	charged, err := resourcequota.CheckRequest(quotas, a.upstream(), evaluator, nil)
	if err != nil {
		return err
	}
	for i := range charged {
		if !quotav1.Equals(quotas[i].Status.Used, charged[i].Status.Used) {
			a.UpdateAlso(resourceQuotas, &charged[i], fmt.Sprintf("%s of %s %s/%s", a.Operation, a.Resource.Resource, a.Namespace, a.nameSoFar()))
		}
	}
	return nil
}

// upstream are the attributes as upstream's own rules want them.
func (a *Attributes) upstream() upstream.Attributes {
	return upstream.NewAttributesRecord(a.Object, a.OldObject, a.Kind, a.Namespace, a.Name, a.Resource, a.Subresource,
		upstream.Operation(a.Operation), a.Options, a.DryRun, a.User.Info())
}
