// Package command is what the command lines of the examples have in common.
package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/metrics"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"

	// What the examples run on, and where they read and write. The package beamx has all that Beam knows, and is large.
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal"
)

// usageError says, in one sentence, why what the user gave cannot be used.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

// Usagef makes an error for which the exit code is 2.
func Usagef(format string, values ...any) error {
	return &usageError{fmt.Sprintf(format, values...)}
}

// Parse reads a program's own options, and Beam's, which are in the global set. The purpose stands above the list that
// --help prints.
func Parse(own *flag.FlagSet, purpose string, args []string, stdout io.Writer) error {
	all := flag.NewFlagSet(own.Name(), flag.ContinueOnError)
	all.SetOutput(io.Discard)
	for _, set := range []*flag.FlagSet{own, flag.CommandLine} {
		set.VisitAll(func(f *flag.Flag) { all.Var(f.Value, f.Name, f.Usage) })
	}
	switch err := all.Parse(args); {
	case err == flag.ErrHelp:
		fmt.Fprintln(stdout, purpose+" Takes these options, and Beam's:")
		own.SetOutput(stdout)
		own.PrintDefaults()
		return err
	case err != nil:
		return Usagef("Cannot use these options: %v.", err)
	case all.NArg() > 0:
		return Usagef("Expected only options, found %q.", all.Arg(0))
	}
	return nil
}

// Start is called once the options are read. Where Beam has started this program as a worker, it goes no further.
func Start() {
	log.LogLevel = "warn"
	beam.Init()
}

// CheckRunner makes sure that Beam's own options name a runner.
func CheckRunner() error {
	switch {
	case *runners.Runner != "universal":
		return Usagef("Expected --runner=universal, which speaks to all of Beam's job services, found %q.", *runners.Runner)
	case *jobopts.Endpoint == "":
		return Usagef("Expected the address of a job service, found none: give --endpoint=HOST:PORT.")
	}
	return nil
}

// Run runs a pipeline to its end. It gives a function for the values of the pipeline's counters.
func Run(ctx context.Context, p *beam.Pipeline) (count func(namespace, name string) int64, err error) {
	result, err := beam.Run(ctx, *runners.Runner, p)
	return func(namespace, name string) int64 {
		named := result.Metrics().Query(func(m metrics.SingleResult) bool {
			return m.Namespace() == namespace && m.Name() == name
		})
		var sum int64
		for _, counter := range named.Counters() {
			sum += counter.Result()
		}
		return sum
	}, err
}

// ExitCode says what went wrong, and gives 2 for what the user must correct, 1 for what failed.
func ExitCode(err error, stderr io.Writer) int {
	var usage *usageError
	var refusal *hfbeam.Error
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &usage):
		fmt.Fprintln(stderr, usage)
		return 2
	case errors.As(err, &refusal):
		fmt.Fprintln(stderr, refusal)
		return 1
	default:
		fmt.Fprintln(stderr, "The job failed:", err)
		return 1
	}
}
