package main

import (
	"context"
	"encoding/json"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/textio"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/transforms/top"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

const (
	metricsNamespace  = "semanticsearch"
	definitionsMetric = "definitions"
	errorsMetric      = "errors"
)

var (
	searched = beam.NewCounter(metricsNamespace, definitionsMetric)
	failures = beam.NewCounter(metricsNamespace, errorsMetric)
)

// Query is an embedded query.
type Query struct {
	Text   string    `beam:"example"`
	Vector []float32 `beam:"inference"`
}

// Embedded is an embedded definition. Its text is no longer needed.
type Embedded struct {
	Term   string    `beam:"term"`
	Vector []float32 `beam:"inference"`
}

// Match is a term that matches a query, with its score.
type Match struct {
	Query string  `json:"query"`
	Term  string  `json:"term"`
	Score float64 `json:"score"`
}

func init() {
	beam.RegisterType(reflect.TypeFor[Definition]())
	register.Function4x0(score)
	register.Iter1[Query]()
	register.Emitter2[string, Match]()
	register.Function2x1(worse)
	register.Function3x1(writeJSON)
	register.Emitter1[string]()
	register.Function2x0(logFailure)
}

// Build reads the definitions, embeds them and the queries, and writes the closest terms for each query.
func Build(s beam.Scope, o *options) error {
	definitions, err := readDefinitions(o.input)
	if err != nil {
		return err
	}
	embedding := hfbeam.Embedding{Model: o.model}
	queries, err := hfbeam.Infer[Query](s.Scope("EmbedQueries"), embedding, o.service, beam.CreateList(s, o.queries))
	if err != nil {
		return err
	}
	embedding.Inputs = map[string]string{"text": "definition"}   // needed because the term is also a string
	shared := beam.Reshuffle(s, beam.CreateList(s, definitions)) // distributes the list over the workers
	embedded, failed, err := hfbeam.InferWithErrors[Embedded, Definition](s.Scope("EmbedDefinitions"), embedding, o.service,
		shared)
	if err != nil {
		return err
	}
	matches := beam.ParDo(s, score, embedded, beam.SideInput{Input: queries})
	nearest := top.LargestPerKey(s, matches, o.nearest, worse)
	textio.Write(s, o.output, beam.ParDo(s, writeJSON, nearest))
	beam.ParDo0(s, logFailure, failed)
	return nil
}

// score compares an embedded definition with each query.
func score(ctx context.Context, definition Embedded, queries func(*Query) bool, emit func(string, Match)) {
	searched.Inc(ctx, 1)
	var query Query
	for queries(&query) {
		emit(query.Text, Match{query.Text, definition.Term, dot(query.Vector, definition.Vector)})
	}
}

// dot returns the dot product of two vectors. Because they have length 1, this is the cosine of the angle between them.
func dot(a, b []float32) float64 {
	var sum float64
	for i := range a {
		sum += float64(a[i] * b[i])
	}
	return sum
}

// worse orders matches. If scores are equal, the term decides, so that two runs print the same results.
func worse(a, b Match) bool {
	if a.Score != b.Score {
		return a.Score < b.Score
	}
	return a.Term > b.Term
}

// writeJSON emits the matches of a query, best first, as JSON lines.
func writeJSON(_ string, matches []Match, emit func(string)) error {
	for _, match := range matches {
		line, err := json.Marshal(match)
		if err != nil {
			return err
		}
		emit(string(line))
	}
	return nil
}

// logFailure counts the definitions that could not be embedded, and logs the reasons.
func logFailure(ctx context.Context, failed hfbeam.Failed[Definition]) {
	failures.Inc(ctx, 1)
	log.Errorf(ctx, "%s: %s: %s", failed.FailedRow.Term, failed.ErrorCode, failed.ErrorMessage)
}
