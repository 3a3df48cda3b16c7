package hfbeam

import (
	"fmt"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	register.DoFn1x2[beam.X, beam.Y, error](&structFn{})
}

// toStructs converts the anonymous structs, to which Beam decodes rows of other languages, to the user's structs.
func toStructs(s beam.Scope, rows beam.PCollection, target reflect.Type) beam.PCollection {
	return beam.ParDo(s, &structFn{Target: beam.EncodedType{T: target}}, rows,
		beam.TypeDefinition{Var: beam.YType, T: target})
}

type structFn struct {
	Target beam.EncodedType

	source reflect.Type
	copy   copier
}

// ProcessElement creates the copier for the first row, because the type is not known before.
func (fn *structFn) ProcessElement(row beam.X) (beam.Y, error) {
	value := reflect.ValueOf(row)
	if fn.source != value.Type() {
		copy, err := newCopier(fn.Target.T, value.Type())
		if err != nil {
			return nil, err
		}
		fn.source, fn.copy = value.Type(), copy
	}
	target := reflect.New(fn.Target.T).Elem()
	fn.copy(target, value)
	return target.Interface(), nil
}

// target returns the user's type, and checks that Beam can find it on its workers.
func target[T any]() (reflect.Type, error) {
	t := reflect.TypeFor[T]()
	if t.Kind() != reflect.Struct || t.Name() == "" {
		return nil, newError(InvalidOutputType, fmt.Sprintf("expected a struct type with a name, found %v", t), "",
			"Declare one with a field for each value that you want.")
	}
	key, _ := runtime.TypeKey(t)
	if _, registered := runtime.LookupType(key); !registered {
		return nil, newError(InvalidOutputType, fmt.Sprintf("expected a registered type, found %v, which is not registered", t), "",
			fmt.Sprintf("Call beam.RegisterType(reflect.TypeFor[%v]()) in an init function.", t))
	}
	return t, nil
}
