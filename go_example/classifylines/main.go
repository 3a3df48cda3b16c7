// Command classifylines classifies each line of a file and prints the label and score:
//
//	classifylines --input=reviews.txt --errors=bad.jsonl \
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
	return command.ExitCode(classify(args, stdout, stderr), stderr)
}

func classify(args []string, stdout, stderr io.Writer) error {
	options, err := parse(args, stdout)
	if err != nil {
		return err
	}
	command.Start()
	if err := options.check(); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "classifylines-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	return execute(context.Background(), *options, scratch, stdout, stderr)
}

// execute runs the job and waits until it is done. It prints the answers or errors for which the user gave no file.
func execute(ctx context.Context, o options, scratch string, stdout, stderr io.Writer) error {
	printsAnswers, printsErrors := o.output == "", o.errors == ""
	if printsAnswers {
		o.output = filepath.Join(scratch, "output.jsonl")
	}
	if printsErrors {
		o.errors = filepath.Join(scratch, "errors.jsonl")
	}
	start := time.Now()
	p, s := beam.NewPipelineWithRoot()
	if err := Build(s, o); err != nil {
		return err
	}
	count, err := command.Run(ctx, p)
	if err != nil {
		return err
	}
	seconds := time.Since(start).Seconds()

	if printsAnswers {
		err := eachOf(ctx, o.output, func(a Answer) {
			fmt.Fprintf(stdout, "%6d  %-10s  %.4f  %s\n", a.Line, a.Label, a.Score, a.Text)
		})
		if err != nil {
			return err
		}
	}
	if printsErrors {
		err := eachOf(ctx, o.errors, func(b BadLine) { fmt.Fprintf(stderr, "Line %d: %s: %s\n", b.Line, b.Code, b.Message) })
		if err != nil {
			return err
		}
	}
	message.NewPrinter(language.English).Fprintf(stdout, "%d lines classified, %d errors, %.1f s\n",
		count(metricsNamespace, linesMetric), count(metricsNamespace, errorsMetric), seconds)
	return nil
}
