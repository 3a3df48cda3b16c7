package io.github.hfbeam.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hfbeam.Checkout;
import io.github.hfbeam.HfBeamExtension;
import io.github.hfbeam.HfBeamService;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.beam.sdk.Pipeline;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The example answers questions about the bundled definitions. */
@ExtendWith(HfBeamExtension.class)
class SemanticSearchTest {

  private static final String HARMLESS = "a program that looks harmless but attacks your computer";
  private static final String BUG = "when a bug disappears, as soon as you look at it";

  private final HfBeamService service;

  SemanticSearchTest(HfBeamService service) {
    this.service = service;
  }

  @Test
  void itFindsWhatTheQueriesDescribe(@TempDir Path directory) throws IOException {
    Path output = directory.resolve("results.jsonl");
    List<String> args = new ArrayList<>(List.of(service.runnerArgs()));
    args.add("--service=" + service.address());
    args.add("--model=" + Checkout.miniLm());
    args.add("--output=" + output);
    args.add("--query=" + HARMLESS);
    args.add("--query=" + BUG);
    SemanticSearchOptions options = Arguments.parse(args.toArray(new String[0]));

    Pipeline pipeline = Pipeline.create(options);
    SemanticSearch.build(pipeline, options);
    pipeline.run().waitUntilFinish();

    Results results = Results.read(output.toString());
    assertEquals(5, results.of(HARMLESS).size());
    assertEquals(5, results.of(BUG).size());
    assertTrue(terms(results.of(HARMLESS)).contains("Trojan horse"));
    assertTrue(terms(results.of(BUG)).contains("heisenbug"));
  }

  private static List<String> terms(List<Match> matches) {
    return matches.stream().map(Match::term).collect(Collectors.toList());
  }
}
