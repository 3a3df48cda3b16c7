// Package command has the code that the command lines of the examples share.
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

	// The runner and the file system that the examples use. The package beamx has all of Beam's, and is large.
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal"
)

// usageError says, in one sentence, why the user's input is not valid.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

// Usagef returns an error with exit code 2.
func Usagef(format string, values ...any) error {
	return &usageError{fmt.Sprintf(format, values...)}
}

// Parse parses a program's own options, and Beam's options, which are in the global set. With --help, it prints the purpose
// of the program and the list of options.
func Parse(own *flag.FlagSet, purpose string, args []string, stdout io.Writer) error {
	all := flag.NewFlagSet(own.Name(), flag.ContinueOnError)
	all.SetOutput(io.Discard)
	for _, set := range []*flag.FlagSet{own, flag.CommandLine} {
		set.VisitAll(func(f *flag.Flag) { all.Var(f.Value, f.Name, f.Usage) })
	}
	switch err := all.Parse(args); {
	case err == flag.ErrHelp:
		fmt.Fprintln(stdout, purpose+" Options, in addition to Beam's own:")
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

// Start must be called after the options are parsed. If Beam has started this program as a worker, Start does not return.
func Start() {
	log.LogLevel = "warn"
	beam.Init()
}

// CheckRunner checks that Beam's own options name a runner.
func CheckRunner() error {
	switch {
	case *runners.Runner != "universal":
		return Usagef("Expected --runner=universal, which works with every Beam job service, found %q.", *runners.Runner)
	case *jobopts.Endpoint == "":
		return Usagef("Expected the address of a job service, found none: give --endpoint=HOST:PORT.")
	}
	return nil
}

// Run runs a pipeline and waits until it is done. It returns a function that reads the pipeline's counters.
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

// ExitCode prints the error, and returns 2 if the user must correct the input, 1 for other failures.
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
