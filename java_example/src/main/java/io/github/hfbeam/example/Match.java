package io.github.hfbeam.example;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.Serializable;
import java.util.Comparator;
import java.util.Objects;

/** A term that matches a query, with its score. The greatest match is the best one. */
final class Match implements Serializable, Comparable<Match> {

  private static final long serialVersionUID = 1L;
  private static final ObjectMapper MAPPER = new ObjectMapper();
  // If scores are equal, the term decides, so that two runs print the same results.
  private static final Comparator<Match> WORST_FIRST =
      Comparator.comparingDouble(Match::score)
          .thenComparing(Match::term, Comparator.reverseOrder())
          .thenComparing(Match::query);

  private final String query;
  private final String term;
  private final double score;

  Match(String query, String term, double score) {
    this.query = query;
    this.term = term;
    this.score = score;
  }

  static Match fromJson(String line) {
    try {
      JsonNode match = MAPPER.readTree(line);
      return new Match(
          match.path("query").textValue(),
          match.path("term").textValue(),
          match.path("score").doubleValue());
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a line of results: " + line, e);
    }
  }

  String query() {
    return query;
  }

  String term() {
    return term;
  }

  double score() {
    return score;
  }

  String toJson() {
    return MAPPER
        .createObjectNode()
        .put("query", query)
        .put("term", term)
        .put("score", score)
        .toString();
  }

  @Override
  public int compareTo(Match other) {
    return WORST_FIRST.compare(this, other);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Match && compareTo((Match) other) == 0;
  }

  @Override
  public int hashCode() {
    return Objects.hash(query, term, score);
  }
}
