package kinds

import (
	"fmt"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/install"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"

	// Each import registers a group's types, defaults, conversions and
	// declarative validation with upstream's scheme.
	_ "k8s.io/kubernetes/pkg/apis/admissionregistration/install"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/authentication/install"
	_ "k8s.io/kubernetes/pkg/apis/authorization/install"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	_ "k8s.io/kubernetes/pkg/apis/certificates/install"
	_ "k8s.io/kubernetes/pkg/apis/coordination/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/discovery/install"
	_ "k8s.io/kubernetes/pkg/apis/events/install"
	_ "k8s.io/kubernetes/pkg/apis/flowcontrol/install"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	_ "k8s.io/kubernetes/pkg/apis/node/install"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	_ "k8s.io/kubernetes/pkg/apis/rbac/install"
	_ "k8s.io/kubernetes/pkg/apis/resource/install"
	_ "k8s.io/kubernetes/pkg/apis/scheduling/install"
	_ "k8s.io/kubernetes/pkg/apis/storage/install"
	_ "k8s.io/kubernetes/pkg/apis/storagemigration/install"
)

// Scheme knows the types of every built-in group, in every version, and
// upstream's internal versions. It is upstream's own and must not be changed.
// The simulator's own kinds are not in it.
func Scheme() *runtime.Scheme { return scheme }

// scheme is upstream's, with the groups that other servers than
// kube-apiserver, or other schemes in it, have there.
var scheme = func() *runtime.Scheme {
	install.Install(legacyscheme.Scheme)
	utilruntime.Must(apiregistrationv1.AddToScheme(legacyscheme.Scheme))
	utilruntime.Must(metricsv1beta1.AddToScheme(legacyscheme.Scheme))
	return legacyscheme.Scheme
}()

// Codecs encodes and decodes the types of Scheme. Decoding with its
// universal decoders yields internal objects; UniversalDeserializer yields
// the version that was written, without defaults, which is what callers of
// this package want.
func Codecs() serializer.CodecFactory { return legacyscheme.Codecs }

// ParameterCodec reads query parameters into options, such as those of a log.
func ParameterCodec() runtime.ParameterCodec { return legacyscheme.ParameterCodec }

// Convert returns the object in another served version, or the object itself
// if it has that version already. It goes through upstream's internal version,
// and the result may share memory with the object: treat both as frozen.
func Convert(obj runtime.Object, to schema.GroupVersion) (runtime.Object, error) {
	scheme := legacyscheme.Scheme
	gvks, _, err := scheme.ObjectKinds(obj)
	if err != nil {
		return nil, fmt.Errorf("converting to %s: %w", to, err)
	}
	if gvks[0].GroupVersion() == to {
		return obj, nil
	}
	hub, err := toInternal(obj)
	if err != nil {
		return nil, fmt.Errorf("converting to %s: %w", to, err)
	}
	out, err := scheme.UnsafeConvertToVersion(hub, to)
	if err != nil {
		return nil, fmt.Errorf("converting %s to %s: %w", gvks[0].Kind, to, err)
	}
	return out, nil
}

// toInternal converts any served version to upstream's internal one.
func toInternal(obj runtime.Object) (runtime.Object, error) {
	return legacyscheme.Scheme.UnsafeConvertToVersion(obj, runtime.InternalGroupVersioner)
}
