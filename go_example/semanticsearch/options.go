package main

import (
	"flag"
	"fmt"
	"io"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners"
)

// options are what this program takes, besides Beam's own.
type options struct {
	input, model, service, output string
	queries                       []string
	nearest                       int
}

// usageError says, in one sentence, why what the user gave cannot be used.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, values ...any) error {
	return &usageError{fmt.Sprintf(format, values...)}
}

func parse(args []string, stdout io.Writer) (*options, error) {
	o := &options{}
	own := flag.NewFlagSet("semanticsearch", flag.ContinueOnError)
	own.SetOutput(stdout)
	own.StringVar(&o.input, "input", "", "JSON-lines `file` of definitions, each with the strings \"term\" and \"text\" "+
		"(default: the Jargon File of the checkout that you are in)")
	own.Func("query", "what to look `for`; give it as often as you have questions", func(query string) error {
		if !slices.Contains(o.queries, query) {
			o.queries = append(o.queries, query)
		}
		return nil
	})
	own.StringVar(&o.model, "model", "sentence-transformers/all-MiniLM-L6-v2", "`model` that embeds definitions and queries")
	own.StringVar(&o.service, "service", "localhost:8097", "`address` of the expansion service, HOST:PORT")
	own.IntVar(&o.nearest, "nearest", 5, "how `many` terms to print for each query")
	own.StringVar(&o.output, "output", "", "JSON-lines `file` for the results, where this program and all workers can "+
		"reach it (default: a temporary file, which is enough while workers run on this machine)")

	// Beam's options are in the global set; both are read at once.
	all := flag.NewFlagSet("semanticsearch", flag.ContinueOnError)
	all.SetOutput(io.Discard)
	for _, set := range []*flag.FlagSet{own, flag.CommandLine} {
		set.VisitAll(func(f *flag.Flag) { all.Var(f.Value, f.Name, f.Usage) })
	}
	switch err := all.Parse(args); {
	case err == flag.ErrHelp:
		fmt.Fprintln(stdout, "Finds the definitions that mean what a query asks. Takes these options, and Beam's:")
		own.PrintDefaults()
		return nil, err
	case err != nil:
		return nil, usagef("Cannot use these options: %v.", err)
	case all.NArg() > 0:
		return nil, usagef("Expected only options, found %q.", all.Arg(0))
	}
	return o, nil
}

func (o *options) check() error {
	switch {
	case len(o.queries) == 0:
		return usagef(`Expected at least one query, found none: give --query="…".`)
	case o.nearest < 1:
		return usagef("Expected --nearest of 1 or more, found %d.", o.nearest)
	case *runners.Runner != "universal":
		return usagef("Expected --runner=universal, which speaks to all of Beam's job services, found %q.", *runners.Runner)
	case *jobopts.Endpoint == "":
		return usagef("Expected the address of a job service, found none: give --endpoint=HOST:PORT.")
	}
	return nil
}
