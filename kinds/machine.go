package kinds

import (
	"fmt"
	"net/netip"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// A Machine is the hardware under a Node. Its status is what the container
// runtime on it knows.
func machine() *Kind {
	k := nodeLocal("Machine", "machines", func() Object { return &nodelocal.Machine{} })
	k.Namespaced = false
	k.PrepareCreate = func(obj Object) { obj.SetGeneration(1) }
	k.PrepareUpdate = func(obj, old Object) {
		obj.(*nodelocal.Machine).Status = old.(*nodelocal.Machine).Status
	}
	k.Validate = func(obj Object) field.ErrorList {
		return append(validateMeta(k, obj), validateMachine(obj.(*nodelocal.Machine))...)
	}
	k.ValidateUpdate = func(obj, old Object) field.ErrorList {
		return append(validateMetaUpdate(obj, old), validateMachine(obj.(*nodelocal.Machine))...)
	}
	k.Status = &Subresource{
		PrepareUpdate: func(obj, old Object) {
			obj.(*nodelocal.Machine).Spec = old.(*nodelocal.Machine).Spec
		},
		ValidateUpdate: validateMetaUpdate,
	}
	return k
}

func validateMachine(m *nodelocal.Machine) field.ErrorList {
	var errs field.ErrorList
	spec := field.NewPath("spec")
	if ip := m.Spec.InternalIP; ip != "" {
		if _, err := netip.ParseAddr(ip); err != nil {
			errs = append(errs, field.Invalid(spec.Child("internalIP"), ip, "must be an IP address"))
		}
	}
	if cidr := m.Spec.PodCIDR; cidr != "" {
		if _, err := netip.ParsePrefix(cidr); err != nil {
			errs = append(errs, field.Invalid(spec.Child("podCIDR"), cidr, fmt.Sprintf("must be a range of addresses: %v", err)))
		}
	}
	return errs
}
