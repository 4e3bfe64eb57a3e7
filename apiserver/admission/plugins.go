package admission

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Plugin is one admission plugin, under upstream's name.
type Plugin struct {
	Name string
	// For lists the stored resources that the plugin is about; nil means all.
	For []schema.GroupResource
	// Admit is the mutating phase: before the kind's own preparation and
	// validation. It may change the object, refuse it with an error, or both.
	// Nil means that the plugin has no such phase.
	Admit func(*Attributes) error
	// Validate is the validating phase, with the object as it will be stored.
	Validate func(*Attributes) error
}

// Chain is plugins in the order in which they are asked.
type Chain []Plugin

// Plugins returns all plugins in upstream's order. Those that ask what the
// world has registered, webhooks and policies, are the caller's, and come last.
//
// Upstream: pkg/kubeapiserver/options (AllOrderedPlugins), those that are on by default, without PodGroupProtection, whose kind is behind a gate that is off, and with NodeRestriction and OwnerReferencesPermissionEnforcement, which are off until asked for.
func Plugins(registered ...Plugin) Chain {
	return append(Chain{
		namespaceLifecycle(),
		limitRanger(),
		serviceAccount(),
		nodeRestriction(),
		taintNodesByCondition(),
		podSecurity(),
		priority(),
		defaultTolerationSeconds(),
		defaultStorageClass(),
		storageObjectInUseProtection(),
		ownerReferencesPermissionEnforcement(),
		persistentVolumeClaimResize(),
		runtimeClass(),
		certificateApproval(),
		certificateSigning(),
		clusterTrustBundleAttest(),
		certificateSubjectRestriction(),
		defaultIngressClass(),
		podTopologyLabels(),
		nodeDeclaredFeatureValidator(),
		podResizeValidator(),
		// Policies and webhooks come here, and a request has to pass them before
		// it is charged.
	}, append(registered, resourceQuota())...)
}

// About returns the plugins that have something to say about a resource.
func (c Chain) About(gr schema.GroupResource) Chain {
	var about Chain
	for _, p := range c {
		if p.For == nil || slices.Contains(p.For, gr) {
			about = append(about, p)
		}
	}
	return about
}

// Without returns the chain without the plugins of these names.
func (c Chain) Without(names []string) Chain {
	return slices.DeleteFunc(slices.Clone(c), func(p Plugin) bool { return slices.Contains(names, p.Name) })
}

// Admit runs the mutating phase. The first plugin that refuses ends it. If a
// webhook or policy has changed the object, all run once more.
//
// Upstream: k8s.io/apiserver/pkg/admission (reinvoker).
func (c Chain) Admit(a *Attributes) error {
	if err := c.admitOnce(a); err != nil || !a.Reinvocation.Wanted {
		return err
	}
	a.Reinvocation.Again = true
	return c.admitOnce(a)
}

func (c Chain) admitOnce(a *Attributes) error {
	for i := range c {
		if admit := c[i].Admit; admit != nil {
			if err := admit(a); err != nil {
				return err
			}
		}
	}
	return nil
}

// Validate runs the validating phase. The first plugin that refuses ends it.
func (c Chain) Validate(a *Attributes) error {
	for i := range c {
		if validate := c[i].Validate; validate != nil {
			if err := validate(a); err != nil {
				return err
			}
		}
	}
	return nil
}

// The resources that plugins are about, or look up.
var (
	namespaces             = schema.GroupResource{Resource: "namespaces"}
	nodes                  = schema.GroupResource{Resource: "nodes"}
	pods                   = schema.GroupResource{Resource: "pods"}
	services               = schema.GroupResource{Resource: "services"}
	limitRanges            = schema.GroupResource{Resource: "limitranges"}
	resourceQuotas         = schema.GroupResource{Resource: "resourcequotas"}
	serviceAccounts        = schema.GroupResource{Resource: "serviceaccounts"}
	persistentVolumes      = schema.GroupResource{Resource: "persistentvolumes"}
	persistentVolumeClaims = schema.GroupResource{Resource: "persistentvolumeclaims"}

	priorityClasses            = schema.GroupResource{Group: "scheduling.k8s.io", Resource: "priorityclasses"}
	runtimeClasses             = schema.GroupResource{Group: "node.k8s.io", Resource: "runtimeclasses"}
	storageClasses             = schema.GroupResource{Group: "storage.k8s.io", Resource: "storageclasses"}
	volumeAttributesClasses    = schema.GroupResource{Group: "storage.k8s.io", Resource: "volumeattributesclasses"}
	ingresses                  = schema.GroupResource{Group: "networking.k8s.io", Resource: "ingresses"}
	ingressClasses             = schema.GroupResource{Group: "networking.k8s.io", Resource: "ingressclasses"}
	csiDrivers                 = schema.GroupResource{Group: "storage.k8s.io", Resource: "csidrivers"}
	csiNodes                   = schema.GroupResource{Group: "storage.k8s.io", Resource: "csinodes"}
	leases                     = schema.GroupResource{Group: "coordination.k8s.io", Resource: "leases"}
	resourceSlices             = schema.GroupResource{Group: "resource.k8s.io", Resource: "resourceslices"}
	certificateSigningRequests = schema.GroupResource{Group: "certificates.k8s.io", Resource: "certificatesigningrequests"}
	clusterTrustBundles        = schema.GroupResource{Group: "certificates.k8s.io", Resource: "clustertrustbundles"}
	podCertificateRequests     = schema.GroupResource{Group: "certificates.k8s.io", Resource: "podcertificaterequests"}
)
