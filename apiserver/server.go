package apiserver

import (
	"net/netip"
	"reflect"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/apiserver/admission"
	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/apiserver/rbac"
	"github.com/minik8s/minik8s/apiserver/satoken"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/kinds/custom"
	"github.com/minik8s/minik8s/store"
)

// Config is what a Server needs to know of its world. Store, Kinds and Now
// are required.
type Config struct {
	Store *store.Store
	Kinds *kinds.Registry
	// Now is the world's clock, in virtual time.
	Now func() time.Time
	// Seed makes the UIDs, generated names, cluster IPs and node ports of one
	// world differ from those of another.
	Seed int64
	// ServiceCIDRs are where cluster IPs come from, and say which families
	// Services may have: one range, or one of each family. Default: 10.43.0.0/16.
	ServiceCIDRs []netip.Prefix
	// FirstNodePort and LastNodePort bound the node ports. Default: 30000-32767.
	FirstNodePort, LastNodePort int32
	// Address is where the API server itself is reached, for the endpoints of
	// the "kubernetes" Service. Default: 10.0.0.1.
	Address netip.Addr
	// Tokens are static bearer tokens and whom they stand for.
	Tokens map[string]User
	// ClientCA is the authority of client certificates, in PEM. Others are told of
	// it if it is set.
	ClientCA []byte
	// WithoutAnonymous refuses requests of nobody in particular, as if their
	// credentials were wrong.
	WithoutAnonymous bool
	// Authorizer decides in the place of the Node and RBAC authorisers, as
	// auth.AlwaysAllow does. Nil: they decide.
	Authorizer func(*auth.Attributes) auth.Decision
	// WithoutAdmission names the admission plugins that are left out. Each has
	// to be one of AdmissionPlugins.
	WithoutAdmission []string
}

// Server is the one door to a world. It holds no state of its own: everything
// is in the store, so two Servers on two forks have nothing in common. What it
// keeps, it could work out again.
type Server struct {
	Config
	policy        *derived[*rbac.Policy]
	registrations *derived[registrations]
	flows         *derived[[]flow]
	calls         *sync.Pool
	tokenKey      func() *satoken.Key                // computed when it is first needed
	resources     map[schema.GroupResource]*resource // of built-in kinds
	custom        *custom.Kinds
	// anyAdmission are the plugins that are asked about custom resources.
	anyAdmission admission.Chain
}

// resource is a kind with what this package adds to it.
type resource struct {
	*kinds.Kind
	schema.GroupResource
	goType reflect.Type // of the storage version
	// isBinding marks pods as they are reached by the path of bindings.
	isBinding bool
	// answers is nil for kinds that are stored.
	answers *answers
	// admission are the plugins that have something to say about the kind.
	admission admission.Chain
	// rights is nil unless what an object says takes more rights than to write it.
	rights contentRights
	// allocator is nil unless objects of the kind hold something scarce.
	allocator *allocator
	// fields remembers who manages what in objects of the kind.
	fields *fieldMemo
}

// New returns the door to the world in cfg.Store. It panics if a required
// field of cfg is missing.
func New(cfg Config) *Server {
	if cfg.Store == nil || cfg.Kinds == nil || cfg.Now == nil {
		panic("apiserver: Config needs Store, Kinds and Now")
	}
	if len(cfg.ServiceCIDRs) == 0 {
		cfg.ServiceCIDRs = []netip.Prefix{netip.MustParsePrefix("10.43.0.0/16")}
	}
	if cfg.FirstNodePort == 0 || cfg.LastNodePort == 0 {
		cfg.FirstNodePort, cfg.LastNodePort = 30000, 32767
	}
	if !cfg.Address.IsValid() {
		cfg.Address = netip.MustParseAddr("10.0.0.1")
	}
	limitCopies()
	s := &Server{
		Config: cfg, custom: custom.New(cfg.Kinds),
		policy:        derive(rbac.Concerns, rbac.Compile),
		registrations: derive(isRegistration, readRegistrations),
		flows:         derive(concernsFlows, readFlows),
		calls:         &sync.Pool{New: func() any { return new(call) }},
		tokenKey:      sync.OnceValue(func() *satoken.Key { return satoken.NewKey(cfg.Seed) }),
	}
	s.resources = make(map[schema.GroupResource]*resource, len(cfg.Kinds.All()))
	plugins := allPlugins().Without(cfg.WithoutAdmission)
	s.anyAdmission = plugins.About(schema.GroupResource{})
	for _, k := range cfg.Kinds.All() {
		r := newResource(k)
		if !k.Internal { // the simulator's own business
			r.admission = plugins.About(r.GroupResource)
		}
		s.resources[r.GroupResource] = r
		if r.GroupResource == pods {
			s.resources[bindings] = bindingsOf(r, plugins.About(bindings))
		}
		for _, alias := range k.Aliases {
			s.resources[schema.GroupResource{Group: alias.Group, Resource: k.Resource}] = r.aliased()
		}
	}
	return s
}

// In returns the same door to another world, such as a fork of this one.
func (s *Server) In(st *store.Store, now func() time.Time) *Server {
	other := *s
	other.Store, other.Now = st, now
	other.policy, other.registrations, other.flows = s.policy.in(st), s.registrations.in(st), s.flows.in(st)
	return &other
}

// aliased is the resource as it is written through another group.
func (r *resource) aliased() *resource {
	if r.AliasRules == nil {
		return r
	}
	alias, kind := *r, *r.Kind
	kind.Validate, kind.ValidateUpdate = kind.AliasRules.Validate, kind.AliasRules.ValidateUpdate
	alias.Kind = &kind
	return &alias
}

func newResource(k *kinds.Kind) *resource {
	r := &resource{
		Kind: k, GroupResource: k.GroupResource(), goType: reflect.TypeOf(k.New()),
		fields: newFieldMemo(), answers: answersFor(k.GroupResource()), rights: contentRightsFor(k.GroupResource()),
	}
	switch r.GroupResource {
	case services:
		r.allocator = serviceAllocator()
	case sandboxes:
		r.allocator = sandboxAllocator()
	}
	return r
}

// The resources that this package has rules of its own for.
var (
	namespaces        = schema.GroupResource{Resource: "namespaces"}
	nodes             = schema.GroupResource{Resource: "nodes"}
	pods              = schema.GroupResource{Resource: "pods"}
	services          = schema.GroupResource{Resource: "services"}
	endpoints         = schema.GroupResource{Resource: "endpoints"}
	configMaps        = schema.GroupResource{Resource: "configmaps"}
	serviceAccounts   = schema.GroupResource{Resource: "serviceaccounts"}
	secrets           = schema.GroupResource{Resource: "secrets"}
	events            = schema.GroupResource{Resource: "events"}
	endpointSlices    = schema.GroupResource{Group: "discovery.k8s.io", Resource: "endpointslices"}
	disruptionBudgets = schema.GroupResource{Group: "policy", Resource: "poddisruptionbudgets"}
	priorityClasses   = schema.GroupResource{Group: "scheduling.k8s.io", Resource: "priorityclasses"}

	customResourceDefinitions = schema.GroupResource{Group: "apiextensions.k8s.io", Resource: "customresourcedefinitions"}

	serviceCIDRs   = schema.GroupResource{Group: "networking.k8s.io", Resource: "servicecidrs"}
	ipAddresses    = schema.GroupResource{Group: "networking.k8s.io", Resource: "ipaddresses"}
	flowSchemas    = schema.GroupResource{Group: "flowcontrol.apiserver.k8s.io", Resource: "flowschemas"}
	priorityLevels = schema.GroupResource{Group: "flowcontrol.apiserver.k8s.io", Resource: "prioritylevelconfigurations"}

	componentStatuses = schema.GroupResource{Resource: "componentstatuses"}
	apiServices       = schema.GroupResource{Group: "apiregistration.k8s.io", Resource: "apiservices"}
	nodeMetrics       = schema.GroupResource{Group: "metrics.k8s.io", Resource: "nodes"}
	podMetrics        = schema.GroupResource{Group: "metrics.k8s.io", Resource: "pods"}

	selfSubjectReviews = schema.GroupResource{Group: "authentication.k8s.io", Resource: "selfsubjectreviews"}
	tokenReviews       = schema.GroupResource{Group: "authentication.k8s.io", Resource: "tokenreviews"}

	subjectAccessReviews      = schema.GroupResource{Group: "authorization.k8s.io", Resource: "subjectaccessreviews"}
	localSubjectAccessReviews = schema.GroupResource{Group: "authorization.k8s.io", Resource: "localsubjectaccessreviews"}
	selfSubjectAccessReviews  = schema.GroupResource{Group: "authorization.k8s.io", Resource: "selfsubjectaccessreviews"}
	selfSubjectRulesReviews   = schema.GroupResource{Group: "authorization.k8s.io", Resource: "selfsubjectrulesreviews"}

	machines  = schema.GroupResource{Group: "sim.minik8s.io", Resource: "machines"}
	sandboxes = schema.GroupResource{Group: "sim.minik8s.io", Resource: "sandboxes"}
)
