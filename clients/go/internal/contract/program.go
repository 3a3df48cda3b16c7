package contract

import (
	"encoding/json"
	"log"
	"maps"
	"reflect"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
	"github.com/hf-beam/hf-beam/clients/go/hfbeamtest"
)

// Branch is the part of the pipeline for a case.
type Branch struct {
	// Keyed is true if the structs of the input stand for KVs.
	Keyed bool
	// Types are the types of the outputs, by name.
	Types map[string]string

	input reflect.Type
	infer func(s beam.Scope, config hfbeam.Config, in beam.PCollection) ([]beam.PCollection, error)
}

// Infer returns a branch whose rows have the type Out.
func Infer[In, Out any](branch Branch) Branch {
	know[In]()
	know[Out]()
	branch.input = reflect.TypeFor[In]()
	branch.infer = func(s beam.Scope, config hfbeam.Config, in beam.PCollection) ([]beam.PCollection, error) {
		good, err := hfbeam.Infer[Out](s, config, Service, in)
		return []beam.PCollection{good}, err
	}
	return branch
}

// InferWithErrors returns a branch whose successful rows have the type Out, and whose failed rows Failed[Row].
func InferWithErrors[In, Out, Row any](branch Branch) Branch {
	know[In]()
	know[Out]()
	know[hfbeam.Failed[Row]]()
	branch.input = reflect.TypeFor[In]()
	branch.infer = func(s beam.Scope, config hfbeam.Config, in beam.PCollection) ([]beam.PCollection, error) {
		good, failed, err := hfbeam.InferWithErrors[Out, Row](s, config, Service, in)
		return []beam.PCollection{good, failed}, err
	}
	return branch
}

func know[T any]() {
	if t := reflect.TypeFor[T](); t.Kind() == reflect.Struct {
		beam.RegisterType(t)
	}
}

// Main runs the branches, by the numbers of their cases, in one pipeline, and writes the results.
func Main(branches map[int]Branch) {
	beam.Init()
	if err := run(branches); err != nil {
		log.Fatal(err)
	}
}

func run(branches map[int]Branch) error {
	cases, err := ReadCases()
	if err != nil || len(branches) == 0 {
		return err
	}
	p, s := beam.NewPipelineWithRoot()
	numbers := slices.Sorted(maps.Keys(branches))
	for _, i := range numbers {
		if err := branches[i].build(s.Scope(cases[i].Name), i, cases[i]); err != nil {
			return err
		}
	}
	if _, err := (&hfbeamtest.Service{Runner: Runner}).Run(p); err != nil {
		return err
	}
	var results []Result
	for _, i := range numbers {
		outputs := map[string]*Output{}
		for name, t := range branches[i].Types {
			outputs[name] = &Output{t, append([]json.RawMessage{}, written.rows[writtenFn{i, name}]...)}
		}
		results = append(results, Result{Name: cases[i].Name, Outputs: outputs})
	}
	return WriteResults(results)
}

func (b Branch) build(s beam.Scope, index int, one Case) error {
	elements, err := one.elements(b.input)
	if err != nil {
		return err
	}
	config, err := hfbeam.FromJSON(one.Document())
	if err != nil {
		return err
	}
	rows, err := b.infer(s, config, Collection(s, elements, b.Keyed))
	if err != nil {
		return err
	}
	beam.ParDo0(s, &writtenFn{index, "output"}, rows[0])
	if errors, wanted := one.ErrorsOutput(); wanted {
		beam.ParDo0(s, &writtenFn{index, errors}, rows[1])
	}
	return nil
}
