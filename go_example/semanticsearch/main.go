// Command semanticsearch finds the definitions that mean what a query asks, whatever words either uses:
//
//	semanticsearch --query="a program that looks harmless but attacks your computer" \
//		--runner=universal --endpoint=localhost:8099 --environment_type=LOOPBACK
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/metrics"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	// What this program runs on, and where it writes. The package beamx has all that Beam knows, and is large.
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run gives the exit code: 2 for what the user must correct, 1 for what failed.
func run(args []string, stdout, stderr io.Writer) int {
	err := search(args, stdout)
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

func search(args []string, stdout io.Writer) error {
	options, err := parse(args, stdout)
	if err != nil {
		return err
	}
	log.LogLevel = "warn"
	beam.Init() // where Beam has started this program as a worker, it goes no further
	if err := options.check(); err != nil {
		return err
	}
	if options.output == "" {
		directory, err := os.MkdirTemp("", "semanticsearch-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(directory)
		options.output = filepath.Join(directory, "results.jsonl")
	}
	return execute(context.Background(), options, stdout)
}

// execute runs the job to its end and prints what it found.
func execute(ctx context.Context, options *options, stdout io.Writer) error {
	start := time.Now()
	p, s := beam.NewPipelineWithRoot()
	if err := Build(s, options); err != nil {
		return err
	}
	result, err := beam.Run(ctx, *runners.Runner, p)
	if err != nil {
		return err
	}
	seconds := time.Since(start).Seconds()

	matches, err := readMatches(ctx, options.output)
	if err != nil {
		return err
	}
	for _, query := range options.queries {
		fmt.Fprintf(stdout, "\n%s\n", query)
		for rank, match := range matches[query] {
			fmt.Fprintf(stdout, "%4d  %.4f  %s\n", rank+1, match.Score, match.Term)
		}
	}
	message.NewPrinter(language.English).Fprintf(stdout, "\n%d definitions searched, %d errors, %.1f s\n",
		count(result, definitionsMetric), count(result, errorsMetric), seconds)
	return nil
}

func count(result beam.PipelineResult, metric string) int64 {
	named := result.Metrics().Query(func(m metrics.SingleResult) bool {
		return m.Namespace() == metricsNamespace && m.Name() == metric
	})
	var sum int64
	for _, counter := range named.Counters() {
		sum += counter.Result()
	}
	return sum
}
