package apiserver

import (
	"cmp"
	"hash/fnv"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"

	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

// Each group version that is served has an APIService, made when it is asked
// for: it follows what is served by itself.

func (c *call) getAPIService(from *store.Snapshot) (kinds.Object, error) {
	all, err := c.listAPIServices(from)
	if err != nil {
		return nil, err
	}
	for _, service := range all {
		if service.GetName() == c.req.Name {
			return service, nil
		}
	}
	return nil, nil
}

func (c *call) listAPIServices(from *store.Snapshot) ([]kinds.Object, error) {
	seen := map[schema.GroupVersion]bool{}
	var all []kinds.Object
	for _, k := range c.WorldAt(from).All() {
		if k.Internal {
			continue
		}
		for _, gv := range servedVersions(k) {
			priority, ok := kinds.PriorityOf(gv)
			if !ok || seen[gv] || !isServed(k, gv.Version) {
				continue
			}
			seen[gv] = true
			service := c.apiService(gv, priority, from)
			if k.Custom != nil {
				service.Labels[automanaged] = "true"
			}
			all = append(all, service)
		}
	}
	slices.SortFunc(all, func(a, b kinds.Object) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return all, nil
}

// isServed: a version of a custom resource may be there to be stored only.
func isServed(k *kinds.Kind, version string) bool {
	if k.Custom == nil {
		return true
	}
	v := k.Custom.Version(version)
	return v != nil && v.Custom.Served
}

// automanaged says how the aggregator of upstream keeps an APIService: created
// when it starts, or in step with a CustomResourceDefinition.
const automanaged = "kube-aggregator.kubernetes.io/automanaged"

// apiService is the one of a group version that this server serves itself. It
// is as old as the world's first namespace.
func (c *call) apiService(gv schema.GroupVersion, priority kinds.Priority, from *store.Snapshot) *apiregistrationv1.APIService {
	name := gv.Version + "." + gv.Group
	var born metav1.Time
	if ns := from.Get(namespaces, "", metav1.NamespaceSystem); ns != nil {
		born = ns.Value.(kinds.Object).GetCreationTimestamp()
	}
	hash := fnv.New64a()
	hash.Write([]byte(name))
	return &apiregistrationv1.APIService{
		TypeMeta: metav1.TypeMeta{Kind: c.GroupVersionKind.Kind, APIVersion: c.GroupVersion().String()},
		ObjectMeta: metav1.ObjectMeta{
			Name: name,
			// Revisions are positive, so nothing else draws with these numbers.
			UID:               uidFor(c.Seed, -int64(hash.Sum64()>>1)),
			ResourceVersion:   "1",
			CreationTimestamp: born,
			Labels:            map[string]string{automanaged: "onstart"},
		},
		Spec: apiregistrationv1.APIServiceSpec{
			Group:                gv.Group,
			Version:              gv.Version,
			GroupPriorityMinimum: priority.GroupMinimum,
			VersionPriority:      priority.Version,
		},
		Status: apiregistrationv1.APIServiceStatus{Conditions: []apiregistrationv1.APIServiceCondition{{
			Type:               apiregistrationv1.Available,
			Status:             apiregistrationv1.ConditionTrue,
			LastTransitionTime: born,
			Reason:             "Local",
			Message:            "Local APIServices are always available",
		}}},
	}
}
