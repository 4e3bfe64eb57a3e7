package apiserver

import (
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/minik8s/minik8s/kinds"
)

// operation is what a request does to one object, for admission. It differs
// from the verb: a patch is an update, a deletecollection many deletes.
type operation string

const (
	admitCreate operation = "CREATE"
	admitUpdate operation = "UPDATE"
	admitDelete operation = "DELETE"
)

// plugin is one admission plugin, under upstream's name. It may change obj
// (nil for a delete), refuse it with an error, or both. old is frozen, and nil
// for a create.
type plugin struct {
	name  string
	admit func(c *call, op operation, obj, old kinds.Object) error
}

// admissionChain lists the plugins in upstream's order.
//
// Upstream: pkg/kubeapiserver/options (AllOrderedPlugins), those that the kinds served here need; LimitRanger, NodeRestriction, TaintNodesByCondition, PodSecurity, RuntimeClass, webhooks, policies and ResourceQuota are left out.
func admissionChain() []plugin {
	return []plugin{
		{"NamespaceLifecycle", namespaceLifecycle},
		{"ServiceAccount", defaultServiceAccount},
		{"Priority", resolvePriority},
		{"DefaultTolerationSeconds", defaultTolerationSeconds},
		{"PodTopologyLabels", podTopologyLabels},
	}
}

// admit asks all plugins. Internal kinds are the simulator's own business and
// pass.
func (c *call) admit(op operation, obj, old kinds.Object) error {
	if c.Internal {
		return nil
	}
	for i := range c.admission {
		if err := c.admission[i].admit(c, op, obj, old); err != nil {
			return err
		}
	}
	return nil
}

// refuse is the error of a plugin.
func (c *call) refuse(obj kinds.Object, why error) *apierrors.StatusError {
	name := c.req.Name
	switch {
	case name != "" || obj == nil:
	case obj.GetName() != "":
		name = obj.GetName()
	case obj.GetGenerateName() != "":
		name = obj.GetGenerateName()
	default:
		name = "Unknown"
	}
	return c.forbidden(name, why)
}
