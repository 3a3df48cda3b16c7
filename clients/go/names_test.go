package hfbeam_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

// judge is a composite transform, as users write them.
func judge(t *testing.T, s beam.Scope, name string, texts beam.PCollection) {
	t.Helper()
	config := hfbeam.Embedding{Model: service.TinyModel("feature-extraction")}
	if _, err := hfbeam.Infer[vector](s.Scope(name), config, service.Address, texts); err != nil {
		t.Fatal(err)
	}
}

// stepNames returns the names of all transforms of a pipeline with these composite transforms, as a runner gets them.
func stepNames(t *testing.T, composites ...string) []string {
	t.Helper()
	p, s := beam.NewPipelineWithRoot()
	texts := beam.Create(s, "a day")
	for _, name := range composites {
		judge(t, s, name, texts)
	}
	edges, _, err := p.Build()
	if err != nil {
		t.Fatal(err)
	}
	pipeline, err := graphx.Marshal(edges, &graphx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, transform := range pipeline.GetComponents().GetTransforms() {
		names = append(names, transform.GetUniqueName())
	}
	slices.Sort(names)
	return names
}

func TestTheStepsOfATransformBeginWithTheNameOfItsScope(t *testing.T) {
	names := stepNames(t, "Judge")
	for _, wanted := range []string{"Judge/hfbeam.Infer/Expand", "Judge/hfbeam.Infer/Expand/Finish"} {
		if !slices.Contains(names, wanted) {
			t.Errorf("expected %s, found %q", wanted, names)
		}
	}
}

func TestTheNamesOfStepsStayWhenAnotherTransformIsAddedBefore(t *testing.T) {
	before := stepNames(t, "Judge")
	after := slices.DeleteFunc(stepNames(t, "New", "Judge"), func(name string) bool { return strings.HasPrefix(name, "New") })
	if !slices.Equal(before, after) {
		t.Errorf("expected %q, found %q", before, after)
	}
}

func TestTransformsInScopesOfOneNameHaveDifferentNames(t *testing.T) {
	names := stepNames(t, "Judge", "Judge", "Judge")
	if different := slices.Compact(slices.Clone(names)); len(different) != len(names) {
		t.Errorf("expected different names, found %q", names)
	}
}
