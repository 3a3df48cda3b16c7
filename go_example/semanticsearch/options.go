package main

import (
	"flag"
	"io"
	"slices"

	"github.com/hf-beam/hf-beam/go_example/internal/command"
)

// options are the options of this program, in addition to Beam's own.
type options struct {
	input, model, service, output string
	queries                       []string
	nearest                       int
}

func parse(args []string, stdout io.Writer) (*options, error) {
	o := &options{}
	own := flag.NewFlagSet("semanticsearch", flag.ContinueOnError)
	own.StringVar(&o.input, "input", "", "JSON-lines `file` of definitions, each with the strings \"term\" and \"text\" "+
		"(default: the Jargon File in the current checkout)")
	own.Func("query", "what to search `for`; you can repeat this option", func(query string) error {
		if !slices.Contains(o.queries, query) {
			o.queries = append(o.queries, query)
		}
		return nil
	})
	own.StringVar(&o.model, "model", "sentence-transformers/all-MiniLM-L6-v2", "`model` that embeds definitions and queries")
	own.StringVar(&o.service, "service", "localhost:8097", "`address` of the expansion service, HOST:PORT")
	own.IntVar(&o.nearest, "nearest", 5, "how `many` terms to print for each query")
	own.StringVar(&o.output, "output", "", "JSON-lines `file` for the results; this program and all workers must be able to "+
		"reach it (default: a temporary file, which works if all workers run on this machine)")

	purpose := "Finds the definitions that match the meaning of a query."
	if err := command.Parse(own, purpose, args, stdout); err != nil {
		return nil, err
	}
	return o, nil
}

func (o *options) check() error {
	switch {
	case len(o.queries) == 0:
		return command.Usagef(`Expected at least one query, found none: give --query="…".`)
	case o.nearest < 1:
		return command.Usagef("Expected --nearest of 1 or more, found %d.", o.nearest)
	}
	return command.CheckRunner()
}
