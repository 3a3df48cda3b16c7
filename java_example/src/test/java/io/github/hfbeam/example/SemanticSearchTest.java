package io.github.hfbeam.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hfbeam.Checkout;
import io.github.hfbeam.HfBeamExtension;
import io.github.hfbeam.HfBeamService;
import io.github.hfbeam.Runner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.beam.sdk.Pipeline;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The example answers questions about some of the bundled definitions, whatever their order. */
@ExtendWith(HfBeamExtension.class)
class SemanticSearchTest {

  private static final String HARMLESS = "a program that looks harmless but attacks your computer";
  private static final String BUG = "when a bug disappears, as soon as you look at it";

  private static final List<String> OTHERS =
      List.of(
          "a machine that everybody blames",
          "code so tangled that nobody can follow it",
          "the person who breaks into systems for fun",
          "waiting for somebody who never answers",
          "a joke about a very slow network",
          "an argument about which text editor is best",
          "to throw away all your work and begin again",
          "the smell of burning electronics",
          "someone who uses a computer without understanding it",
          "unwanted advertising in your mailbox",
          "a number that was chosen for no reason",
          "a feature that nobody asked for",
          "working through the whole night",
          "a value that ends a list",
          "two processes that wait for each other forever",
          "food that programmers eat",
          "to copy software without permission",
          "documentation that does not help",
          "a name used as an example when nothing better comes to mind",
          "a very large amount of money for very old hardware");

  @TempDir private static Path directory;
  private static String model;
  private static Path definitions;
  private static Results results;

  @BeforeAll
  static void search(HfBeamService service) throws IOException {
    model = service.miniLm();
    definitions = Files.write(directory.resolve("definitions.jsonl"), sample());
    Path output = directory.resolve("results.jsonl");
    List<String> args = new ArrayList<>(List.of(service.runnerArgs()));
    args.add("--service=" + service.address());
    args.add("--model=" + model);
    args.add("--input=" + definitions);
    args.add("--output=" + output);
    args.add("--query=" + HARMLESS);
    args.add("--query=" + BUG);
    OTHERS.forEach(query -> args.add("--query=" + query));
    SemanticSearchOptions options = Arguments.parse(args.toArray(new String[0]));

    Pipeline pipeline = Pipeline.create(options);
    SemanticSearch.build(pipeline, options);
    Runner.run(pipeline);
    results = Results.read(output.toString());
  }

  @Test
  void itFindsWhatTheQueriesDescribe() {
    assertTrue(terms(results.of(HARMLESS)).contains("Trojan horse"));
    assertTrue(terms(results.of(BUG)).contains("heisenbug"));
  }

  @Test
  void itFindsTheTermsThatSentenceTransformersFindsWithTheSameScores() {
    List<String> args = new ArrayList<>();
    args.add(Path.of("src/test/resources/nearest.py").toAbsolutePath().toString());
    args.add(model);
    args.add(definitions.toString());
    args.addAll(OTHERS);
    Map<String, List<Match>> expected =
        Checkout.python(args.toArray(new String[0]))
            .lines()
            .map(Match::fromJson)
            .collect(Collectors.groupingBy(Match::query));

    for (String query : OTHERS) {
      List<Match> found = results.of(query);
      assertEquals(terms(expected.get(query)), terms(found), query);
      for (int i = 0; i < 5; i++) {
        assertEquals(expected.get(query).get(i).score(), found.get(i).score(), 1e-4, query);
      }
    }
  }

  /** Every eighth definition, and those that queries describe; the whole corpus takes a minute. */
  private static List<String> sample() throws IOException {
    List<String> all = Files.readAllLines(Checkout.jargon());
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      String line = all.get(i);
      if (i % 8 == 0 || line.contains("\"Trojan horse\"") || line.contains("\"heisenbug\"")) {
        lines.add(line);
      }
    }
    Collections.shuffle(lines, new Random(7));
    return lines;
  }

  private static List<String> terms(List<Match> matches) {
    return matches.stream().map(Match::term).collect(Collectors.toList());
  }
}
