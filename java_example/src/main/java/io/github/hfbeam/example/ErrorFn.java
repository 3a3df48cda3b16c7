package io.github.hfbeam.example;

import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.values.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts the definitions that could not be embedded, and logs the reasons. */
final class ErrorFn extends DoFn<Row, Void> {

  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(ErrorFn.class);

  private final Counter errors = Metrics.counter(SemanticSearch.class, "errors");

  @ProcessElement
  public void process(@Element Row error) {
    errors.inc();
    LOG.error(
        "{}: {}: {}",
        error.getRow("failed_row").getString("term"),
        error.getString("error_code"),
        error.getString("error_message"));
  }
}
