package hfbeam

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"weak"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph"
)

// stepNames has the names that external transforms were given, and how often, in each pipeline.
var stepNames = struct {
	sync.Mutex
	used map[stepName]int
}{used: map[stepName]int{}}

type stepName struct {
	pipeline weak.Pointer[graph.Graph]
	text     string
}

// newStepName returns a name for the external transform of a scope: that of the scope, with a number if the pipeline has
// the name already. Beam calls all external transforms "External", and does not rename them as it renames other steps.
func newStepName(s beam.Scope) string {
	name := stepName{pipelineOf(s), strings.TrimPrefix(s.String(), "root/") + "/Expand"}
	stepNames.Lock()
	defer stepNames.Unlock()
	used := stepNames.used[name]
	stepNames.used[name]++
	if used == 0 {
		return name.text
	}
	return fmt.Sprintf("%s'%d", name.text, used)
}

// pipelineOf identifies the pipeline of a scope, which Beam keeps in a private field. If a version of Beam lacks the field,
// all pipelines of a program are taken for one: their names still differ.
func pipelineOf(s beam.Scope) weak.Pointer[graph.Graph] {
	field := reflect.ValueOf(s).FieldByName("real")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*graph.Graph]() {
		return weak.Pointer[graph.Graph]{}
	}
	return weak.Make((*graph.Graph)(field.UnsafePointer()))
}
