package main

import (
	"errors"
	"flag"
	"io"
	"io/fs"
	"os"

	"github.com/hf-beam/hf-beam/go_example/internal/command"
)

// options are the options of this program, in addition to Beam's own.
type options struct {
	input, output, errors, model, service string
}

func parse(args []string, stdout io.Writer) (*options, error) {
	o := &options{}
	own := flag.NewFlagSet("classifylines", flag.ContinueOnError)
	own.StringVar(&o.input, "input", "", "text `file`, in UTF-8; this program and all workers must be able to reach it")
	own.StringVar(&o.output, "output", "", "JSON-lines `file` for the answers: line, text, label and score (default: print a "+
		"table, which works if all workers run on this machine)")
	own.StringVar(&o.errors, "errors", "", "JSON-lines `file` for lines that cannot be classified, for example because they "+
		"exceed the model's limit: line, text, code and message (default: print them as errors)")
	own.StringVar(&o.model, "model", "distilbert/distilbert-base-uncased-finetuned-sst-2-english", "`model` that classifies texts")
	own.StringVar(&o.service, "service", "localhost:8097", "`address` of the expansion service, HOST:PORT")

	purpose := "Classifies each line of a file and prints the label and score."
	if err := command.Parse(own, purpose, args, stdout); err != nil {
		return nil, err
	}
	return o, nil
}

func (o *options) check() error {
	if o.input == "" {
		return command.Usagef("Expected a file to read, found none: give --input=FILE.")
	}
	if o.output != "" && o.output == o.errors {
		return command.Usagef("Expected two files for answers and errors, found %s for both.", o.output)
	}
	if o.input == o.output || o.input == o.errors {
		return command.Usagef("Expected output files that differ from the input, found %s for both.", o.input)
	}
	switch info, err := os.Stat(o.input); {
	case errors.Is(err, fs.ErrNotExist):
		return command.Usagef("There is no file %s.", o.input)
	case err != nil:
		return command.Usagef("Cannot read %s: %v.", o.input, err)
	case info.IsDir():
		return command.Usagef("Expected a file, found the directory %s.", o.input)
	}
	return command.CheckRunner()
}
