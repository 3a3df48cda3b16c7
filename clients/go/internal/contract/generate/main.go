// Command generate expands each case of tests/contract with the service, in a separate pipeline that never runs. It writes a
// program with a type for each input and output, which users write by hand. A case that the service rejects becomes a
// result immediately.
package main

import (
	"errors"
	"fmt"
	"log"
	"reflect"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph"
	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
	"github.com/hf-beam/hf-beam/clients/go/internal/contract"
	"google.golang.org/protobuf/proto"
)

// anything has no fields, so it matches all rows.
type anything struct{}

func init() {
	beam.RegisterType(reflect.TypeFor[anything]())
	beam.RegisterType(reflect.TypeFor[hfbeam.Failed[anything]]())
}

func main() {
	beam.Init()
	cases, err := contract.ReadCases()
	if err != nil {
		log.Fatal(err)
	}
	var types, branches string
	var results []contract.Result
	for i, one := range cases {
		typesOfCase, branch, err := generate(i, one)
		if err == nil {
			types += typesOfCase
			branches += fmt.Sprintf("\t\t%d: %s,\n", i, branch)
			continue
		}
		result, err := refused(one, err)
		if err != nil {
			log.Fatalf("%s: %v", one.Name, err)
		}
		results = append(results, result)
	}
	if err := contract.WriteResults(results); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("package main\n\nimport %q\n\n%s\nfunc main() {\n\tcontract.Main(map[int]contract.Branch{\n%s\t})\n}\n",
		reflect.TypeFor[contract.Case]().PkgPath(), types, branches)
}

func refused(one contract.Case, err error) (contract.Result, error) {
	var unsupported contract.Unsupported
	var refusal *hfbeam.Error
	switch {
	case errors.As(err, &unsupported):
		return contract.Result{Name: one.Name, Unsupported: string(unsupported)}, nil
	case errors.As(err, &refusal):
		found := &contract.Refusal{Code: refusal.Code, Path: refusal.Path, Message: refusal.Message}
		return contract.Result{Name: one.Name, Error: found}, nil
	}
	return contract.Result{}, err
}

// generate returns the declarations of a case's types, and the value of its contract.Branch.
func generate(index int, one contract.Case) (types, branch string, err error) {
	input, err := contract.Parse(one.Input.Type)
	if err != nil {
		return "", "", err
	}
	in, err := input.Go()
	if err != nil {
		return "", "", err
	}
	if input.Nullable {
		return "", "", contract.Unsupported("Beam's Go SDK has no coder for elements that may be null.")
	}
	outputs, err := expand(one, in, input.Name == "KV")
	if err != nil {
		return "", "", err
	}
	out, err := outputs["output"].Go()
	if err != nil {
		return "", "", err
	}
	types = fmt.Sprintf("type in%d %v\n\ntype out%d %v\n\n", index, in, index, out)
	call, arguments := "Infer", fmt.Sprintf("in%d, out%d", index, index)
	if in.Kind() != reflect.Struct {
		types = fmt.Sprintf("type in%d = %v\n\ntype out%d %v\n\n", index, in, index, out)
	}
	if name, wanted := one.ErrorsOutput(); wanted {
		failed, err := outputs[name].Parts[0].Type.Go()
		if err != nil {
			return "", "", err
		}
		types += fmt.Sprintf("type row%d %v\n\n", index, failed)
		call, arguments = "InferWithErrors", fmt.Sprintf("%s, row%d", arguments, index)
	}
	notations := map[string]string{}
	for name, t := range outputs {
		notations[name] = t.String()
	}
	return types, fmt.Sprintf("contract.%s[%s](contract.Branch{Keyed: %t, Types: %#v})", call, arguments,
		input.Name == "KV", notations), nil
}

// expand returns the types of the outputs, by name, as the service returns them.
func expand(one contract.Case, in reflect.Type, keyed bool) (map[string]contract.Type, error) {
	config, err := hfbeam.FromJSON(one.Document())
	if err != nil {
		return nil, err
	}
	p, s := beam.NewPipelineWithRoot()
	elements := contract.Collection(s, reflect.MakeSlice(reflect.SliceOf(in), 0, 0), keyed)
	if _, wanted := one.ErrorsOutput(); wanted {
		_, _, err = hfbeam.InferWithErrors[anything, anything](s, config, contract.Service, elements)
	} else {
		_, err = hfbeam.Infer[anything](s, config, contract.Service, elements)
	}
	if err != nil {
		return nil, err
	}
	edges, _, err := p.Build()
	if err != nil {
		return nil, err
	}
	external := slices.IndexFunc(edges, func(e *graph.MultiEdge) bool { return e.Op == graph.External })
	expanded := edges[external].External.Expanded
	components := expanded.Components.(*pipepb.Components)
	types := map[string]contract.Type{}
	for name, id := range expanded.Transform.(*pipepb.PTransform).GetOutputs() {
		coder := components.GetCoders()[components.GetPcollections()[id].GetCoderId()]
		row := &pipepb.Schema{}
		if err := proto.Unmarshal(coder.GetSpec().GetPayload(), row); err != nil {
			return nil, err
		}
		types[name] = contract.TypeOf(row)
	}
	return types, nil
}
