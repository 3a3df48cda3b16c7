package hfbeam

import (
	"fmt"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"google.golang.org/protobuf/proto"
)

func init() {
	register.DoFn1x1[[]byte, error](&refusedFn{})
}

// refuse makes the pipeline fail with the error if it is run in spite of it. A pipeline without the transform would look as
// if it had done its work.
func refuse(s beam.Scope, err error) {
	beam.ParDo0(s, &refusedFn{err}, beam.Impulse(s))
}

type refusedFn struct{ err error }

// MarshalJSON makes a runner fail before it submits the pipeline.
func (fn *refusedFn) MarshalJSON() ([]byte, error) { return nil, fn.failure() }

// ProcessElement is for runners that run a DoFn in this process.
func (fn *refusedFn) ProcessElement([]byte) error { return fn.failure() }

func (fn *refusedFn) failure() error {
	return fmt.Errorf("the pipeline cannot run, because hfbeam returned an error when it was built: %w", fn.err)
}

// standIn is an answer for a refused request, whose outputs are its input. Without one, Beam keeps a transform that was never
// expanded, on which its runners panic.
func standIn(request *jobpb.ExpansionRequest, outputs []string) *jobpb.ExpansionResponse {
	transform := proto.CloneOf(request.GetTransform())
	transform.Outputs = map[string]string{}
	for _, tag := range outputs {
		transform.Outputs[tag] = transform.GetInputs()[inputTag]
	}
	return &jobpb.ExpansionResponse{Components: request.GetComponents(), Transform: transform}
}
