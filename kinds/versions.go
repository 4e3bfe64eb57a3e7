package kinds

import (
	"k8s.io/apimachinery/pkg/conversion"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
)

// versions pairs the stored version S of a kind with upstream's internal
// version I. Upstream's validation works on internal objects, so a kind's
// strategy is written for I, and the methods here turn it into functions of
// stored objects.
//
// Most generated conversions only reinterpret memory: an internal object
// shares its slices, maps and pointers with the stored one, and costs about
// as much as copying a struct. So what a strategy writes into a shared slice
// is seen in both, and it must never do that to a frozen object.
type versions[S, I any] struct {
	toInternal   func(*S, *I, conversion.Scope) error
	fromInternal func(*I, *S, conversion.Scope) error

	clusterScoped bool
	// metadataUnchecked: the hand-written rules for new objects say nothing
	// about labels and the like, so that the rules for any kind are needed.
	metadataUnchecked bool
	// handwrittenOnly kinds have no declarative rules. What their code says twice
	// is told twice.
	handwrittenOnly bool
	// options are those that the kind's declarative rules ask for.
	options map[string]bool
}

func stored[S any](obj Object) *S { return any(obj).(*S) }

// convert writes an object's internal form to in.
func (v versions[S, I]) convert(obj Object, in *I) error {
	return v.toInternal(stored[S](obj), in, nil)
}

// defaults fills in the defaults of the stored version.
func (v versions[S, I]) defaults(obj Object) { legacyscheme.Scheme.Default(obj) }

// prepareCreate lifts a strategy's function for new objects. An object that
// has no internal form is left alone: validation will say why.
func (v versions[S, I]) prepareCreate(prepare func(*I)) func(Object) {
	var spare spares[I]
	return func(obj Object) {
		in := spare.take()
		if v.convert(obj, in) != nil {
			return
		}
		prepare(in)
		v.store(in, obj)
		spare.giveBack(in)
	}
}

// prepareUpdate lifts a strategy's function for changed objects.
func (v versions[S, I]) prepareUpdate(prepare func(obj, old *I)) func(obj, old Object) {
	var spare spares[I]
	return func(obj, old Object) {
		in, oldIn := spare.take(), spare.take()
		if v.convert(obj, in) != nil || v.convert(old, oldIn) != nil {
			return
		}
		prepare(in, oldIn)
		v.store(in, obj)
		spare.giveBack(in, oldIn)
	}
}

// store writes an internal object back. What can be read can be written, so
// an error is a broken conversion.
func (v versions[S, I]) store(in *I, obj Object) {
	if err := v.fromInternal(in, stored[S](obj), nil); err != nil {
		panic(err)
	}
}

// warnings lifts a function that warns about a new object (old nil) or a
// changed one.
func (v versions[S, I]) warnings(warn func(obj, old *I) []string) func(obj, old Object) []string {
	var spare spares[I]
	return func(obj, old Object) []string {
		in, oldIn := spare.take(), (*I)(nil)
		if v.convert(obj, in) != nil {
			return nil
		}
		if old != nil {
			oldIn = spare.take()
			if v.convert(old, oldIn) != nil {
				return nil
			}
			defer spare.giveBack(oldIn)
		}
		defer spare.giveBack(in)
		return warn(in, oldIn)
	}
}

// unreadable reports that an object has no internal form.
func unreadable(err error) field.ErrorList {
	return field.ErrorList{field.InternalError(nil, err)}
}

// IsUnreadable recognises the only error about an object that has no internal
// form, which upstream finds out when it decodes the object.
func IsUnreadable(err *field.Error) bool {
	return err.Type == field.ErrorTypeInternal && err.Field == (*field.Path)(nil).String()
}
