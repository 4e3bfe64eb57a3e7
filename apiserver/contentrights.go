package apiserver

import (
	"errors"
	"fmt"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/authentication/user"

	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/kinds"
)

// contentRights says what a writer may not do because of what an object says:
// more than that it may write such objects. errs are what validation has found,
// and the result takes their place. old is nil for a new object.
type contentRights func(c *call, obj, old kinds.Object, errs field.ErrorList) field.ErrorList

// contentRightsFor is nil for most kinds. Those of roles are elsewhere (see
// checkEscalation), since they come before validation.
func contentRightsFor(gr schema.GroupResource) contentRights {
	switch gr {
	case validatingPolicies, mutatingPolicies:
		return (*call).checkParamKind
	case validatingPolicyBindings, mutatingPolicyBindings:
		return (*call).checkParamRef
	case podCertificateRequests:
		return (*call).checkSigner
	case resourceClaims, resourceClaimTemplates:
		return (*call).checkClaim
	}
	return nil
}

var podCertificateRequests = schema.GroupResource{Group: certificatesv1.GroupName, Resource: "podcertificaterequests"}

// checkParamKind: through a policy one reads all objects that can be its
// parameters.
//
// Upstream: pkg/registry/admissionregistration/validatingadmissionpolicy and mutatingadmissionpolicy (authorize), complete.
func (c *call) checkParamKind(obj, old kinds.Object, errs field.ErrorList) field.ErrorList {
	kind := paramKindOf(obj)
	if len(errs) > 0 || kind == nil || c.req.Subresource != "" || c.req.User.In(user.SystemPrivilegedGroup) {
		return errs
	}
	if old != nil && equality.Semantic.DeepEqual(paramKindOf(old), kind) {
		return nil
	}
	asked, _ := c.readingParams(kind)
	asked.Verb, asked.Name, asked.Namespace = "get", "*", "*"
	if c.Authorize(asked).Allowed {
		return nil
	}
	return field.ErrorList{field.Forbidden(field.NewPath("spec", "paramKind"),
		fmt.Sprintf(`user %v must have "get" permission on all objects of the referenced paramKind (kind=%s, apiVersion=%s)`, c.req.User.Info(), kind.Kind, kind.APIVersion))}
}

func paramKindOf(policy kinds.Object) *admissionregistrationv1.ParamKind {
	switch p := policy.(type) {
	case *admissionregistrationv1.ValidatingAdmissionPolicy:
		return p.Spec.ParamKind
	case *admissionregistrationv1.MutatingAdmissionPolicy:
		return p.Spec.ParamKind
	}
	return nil
}

// readingParams is a request for objects of a kind, or for anything as far as
// the kind is not known; problem then says why.
func (c *call) readingParams(kind *admissionregistrationv1.ParamKind) (asked *auth.Attributes, problem string) {
	asked = &auth.Attributes{User: &c.req.User, Group: "*", Resource: "*"}
	gv, err := schema.ParseGroupVersion(kind.APIVersion)
	if err != nil {
		return asked, "parse"
	}
	asked.Group = gv.Group
	resource, _, ok := (*lentWorld)(c).Mapping(gv.WithKind(kind.Kind).GroupKind(), gv.Version)
	if !ok {
		return asked, "resolve"
	}
	asked.Resource = resource
	return asked, ""
}

// checkParamRef: through a binding one reads the parameters that it names.
//
// Upstream: pkg/registry/admissionregistration/validatingadmissionpolicybinding and mutatingadmissionpolicybinding (authorize), with the words of one refusal in the order of the former for both.
func (c *call) checkParamRef(obj, old kinds.Object, errs field.ErrorList) field.ErrorList {
	policy, ref := paramRefOf(obj)
	if len(errs) > 0 || ref == nil || c.req.User.In(user.SystemPrivilegedGroup) {
		return errs
	}
	if old != nil {
		if policyBefore, before := paramRefOf(old); policyBefore == policy && before != nil && *before == *ref {
			return nil
		}
	}
	asked := &auth.Attributes{User: &c.req.User, Group: "*", Resource: "*"}
	var kind *admissionregistrationv1.ParamKind
	var problem string
	policies := map[schema.GroupResource]schema.GroupResource{validatingPolicyBindings: validatingPolicies, mutatingPolicyBindings: mutatingPolicies}
	stored := c.tx.Get(policies[c.GroupResource], "", policy)
	if stored != nil {
		if kind = paramKindOf(stored.Value.(kinds.Object)); kind != nil {
			asked, problem = c.readingParams(kind)
		}
	}
	asked.Verb, asked.Name, asked.Namespace = "get", ref.Name, ref.Namespace
	if ref.Name == "" {
		asked.Verb = "list"
	}
	if c.Authorize(asked).Allowed {
		return nil
	}
	why := fmt.Sprintf(`user %v does not have "%v" permission on the object referenced by paramRef`, c.req.User.Info(), asked.Verb)
	const all = `%s to determine minimum required permissions and user %v does not have "%v" permission for all groups, versions and resources`
	switch {
	case stored == nil:
		why = fmt.Sprintf(all, "unable to get policy "+policy, c.req.User.Info(), asked.Verb)
	case problem != "":
		why = fmt.Sprintf(all, fmt.Sprintf("unable to %s paramKind %v", problem, kind), c.req.User.Info(), asked.Verb)
	}
	return field.ErrorList{field.Forbidden(field.NewPath("spec", "paramRef"), why)}
}

func paramRefOf(binding kinds.Object) (policy string, ref *admissionregistrationv1.ParamRef) {
	switch b := binding.(type) {
	case *admissionregistrationv1.ValidatingAdmissionPolicyBinding:
		return b.Spec.PolicyName, b.Spec.ParamRef
	case *admissionregistrationv1.MutatingAdmissionPolicyBinding:
		return b.Spec.PolicyName, b.Spec.ParamRef
	}
	return "", nil
}

// checkSigner: only who may sign for a signer answers requests for its
// certificates.
//
// Upstream: pkg/registry/certificates/podcertificaterequest (StatusStrategy), complete.
func (c *call) checkSigner(obj, old kinds.Object, errs field.ErrorList) field.ErrorList {
	if len(errs) > 0 || c.req.Subresource != "status" {
		return errs
	}
	request, before := obj.(*certificatesv1.PodCertificateRequest), old.(*certificatesv1.PodCertificateRequest)
	signer := before.Spec.SignerName
	if equality.Semantic.DeepEqual(request.Status, before.Status) || c.maySignFor(signer) {
		return nil
	}
	return field.ErrorList{field.Forbidden(field.NewPath("spec", "signerName"),
		fmt.Sprintf("User %q is not permitted to \"sign\" for signer %q", c.req.User.Name, signer))}
}

func (c *call) maySignFor(signer string) bool {
	for _, name := range auth.SignerNames(signer) {
		if c.Authorize(&auth.Attributes{User: &c.req.User, Verb: "sign", Group: certificatesv1.GroupName, Resource: "signers", Name: name}).Allowed {
			return true
		}
	}
	return false
}

// mustMay is nil for what the user may do, and otherwise an error that says so.
func (c *call) mustMay(a *auth.Attributes) error {
	if d := c.Authorize(a); !d.Allowed {
		return errors.New(auth.Forbidden(a, d.Reason).Error())
	}
	return nil
}
