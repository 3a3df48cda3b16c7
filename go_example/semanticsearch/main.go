// Command semanticsearch finds the definitions that match the meaning of a query, even if they use other words:
//
//	semanticsearch --query="a program that looks harmless but attacks your computer" \
//		--runner=universal --endpoint=localhost:8099 --environment_type=LOOPBACK
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/hf-beam/hf-beam/go_example/internal/command"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	return command.ExitCode(search(args, stdout), stderr)
}

func search(args []string, stdout io.Writer) error {
	options, err := parse(args, stdout)
	if err != nil {
		return err
	}
	command.Start()
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

// execute runs the job, waits until it is done, and prints the results.
func execute(ctx context.Context, options *options, stdout io.Writer) error {
	start := time.Now()
	p, s := beam.NewPipelineWithRoot()
	if err := Build(s, options); err != nil {
		return err
	}
	count, err := command.Run(ctx, p)
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
		count(metricsNamespace, definitionsMetric), count(metricsNamespace, errorsMetric), seconds)
	return nil
}
