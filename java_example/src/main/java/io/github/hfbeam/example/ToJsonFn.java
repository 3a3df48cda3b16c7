package io.github.hfbeam.example;

import java.util.List;
import org.apache.beam.sdk.transforms.DoFn;

/** Writes the matches of a query, best first, as JSON lines. */
final class ToJsonFn extends DoFn<List<Match>, String> {

  private static final long serialVersionUID = 1L;

  @ProcessElement
  public void process(@Element List<Match> matches, OutputReceiver<String> out) {
    for (Match match : matches) {
      out.output(match.toJson());
    }
  }
}
