package io.github.hfbeam.example;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.beam.sdk.io.FileSystems;

/** Reads the results that the job wrote, and prints them. */
final class Results {

  private final Map<String, List<Match>> byQuery;

  private Results(Map<String, List<Match>> byQuery) {
    this.byQuery = byQuery;
  }

  static Results read(String output) throws IOException {
    try (BufferedReader reader =
        new BufferedReader(
            Channels.newReader(
                FileSystems.open(FileSystems.matchSingleFileSpec(output).resourceId()),
                StandardCharsets.UTF_8))) {
      return new Results(
          reader
              .lines()
              .map(Match::fromJson)
              .sorted(Comparator.reverseOrder())
              .collect(Collectors.groupingBy(Match::query)));
    }
  }

  /** Returns the matches of a query, best first. */
  List<Match> of(String query) {
    return byQuery.getOrDefault(query, List.of());
  }

  void print(Iterable<String> queries, PrintStream out) {
    for (String query : queries) {
      out.printf("%n%s%n", query);
      int rank = 0;
      for (Match match : of(query)) {
        out.printf(Locale.ROOT, "%4d  %.4f  %s%n", ++rank, match.score(), match.term());
      }
    }
  }
}
