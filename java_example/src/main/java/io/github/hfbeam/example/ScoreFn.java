package io.github.hfbeam.example;

import java.util.Iterator;
import java.util.List;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.values.Row;

/** Compares an embedded definition with each query. */
final class ScoreFn extends DoFn<Row, Match> {

  static final String QUERIES = "queries";

  private static final long serialVersionUID = 1L;

  private final Counter definitions = Metrics.counter(SemanticSearch.class, "definitions");

  @ProcessElement
  public void process(
      @Element Row definition, @SideInput(QUERIES) List<Row> queries, OutputReceiver<Match> out) {
    definitions.inc();
    for (Row query : queries) {
      // The vectors have length 1, so their dot product is the cosine of the angle between them.
      double cosine = dot(query.getArray("inference"), definition.getArray("inference"));
      out.output(new Match(query.getString("example"), definition.getString("term"), cosine));
    }
  }

  private static double dot(Iterable<Float> left, Iterable<Float> right) {
    Iterator<Float> others = right.iterator();
    double sum = 0;
    for (float value : left) {
      sum += value * others.next();
    }
    return sum;
  }
}
