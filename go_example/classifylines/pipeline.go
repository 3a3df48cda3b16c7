package main

import (
	"context"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

const (
	metricsNamespace = "classifylines"
	linesMetric      = "lines"
	errorsMetric     = "errors"
)

var (
	classified = beam.NewCounter(metricsNamespace, linesMetric)
	failures   = beam.NewCounter(metricsNamespace, errorsMetric)
)

// Line is a line of the file, with its number.
type Line struct {
	Number int64  `beam:"number"`
	Text   string `beam:"text"`
}

// Labelled is a line with the model's result.
type Labelled struct {
	Line
	Answer struct {
		Label string  `beam:"label"`
		Score float64 `beam:"score"`
	} `beam:"inference"`
}

// Answer is a line of the output file.
type Answer struct {
	Line  int64   `json:"line"`
	Text  string  `json:"text"`
	Label string  `json:"label"`
	Score float64 `json:"score"`
}

// BadLine is a line of the error file.
type BadLine struct {
	Line    int64  `json:"line"`
	Text    string `json:"text"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func init() {
	beam.RegisterType(reflect.TypeFor[hfbeam.Failed[Line]]())
	register.Function2x2(toAnswer)
	register.Function2x2(toBadLine)
}

// Build reads the lines, classifies them, and writes the answers, and the lines that failed.
func Build(s beam.Scope, o options) error {
	lines, unreadable := beam.ParDo2(s, readLines, beam.Create(s, o.input))
	shared := beam.Reshuffle(s, lines) // distributes the lines over the workers, because one worker has read the file
	labelled, failed, err := hfbeam.InferWithErrors[Labelled, Line](s, hfbeam.Pipeline{
		Task:    "text-classification",
		Model:   o.model,
		Options: hfbeam.Options{Truncation: new(false)}, // a line that is too long is an error, and is not truncated
	}, o.service, shared)
	if err != nil {
		return err
	}
	write(s.Scope("WriteAnswers"), o.output, beam.ParDo(s, toAnswer, labelled))
	write(s.Scope("WriteErrors"), o.errors, beam.Flatten(s, unreadable, beam.ParDo(s, toBadLine, failed)))
	return nil
}

func toAnswer(ctx context.Context, row Labelled) (Entry, error) {
	classified.Inc(ctx, 1)
	return newEntry(row.Number, Answer{row.Number, row.Text, row.Answer.Label, row.Answer.Score})
}

func toBadLine(ctx context.Context, failed hfbeam.Failed[Line]) (Entry, error) {
	return newBadLine(ctx, BadLine{failed.FailedRow.Number, failed.FailedRow.Text, failed.ErrorCode, failed.ErrorMessage})
}

func newBadLine(ctx context.Context, line BadLine) (Entry, error) {
	failures.Inc(ctx, 1)
	return newEntry(line.Line, line)
}
