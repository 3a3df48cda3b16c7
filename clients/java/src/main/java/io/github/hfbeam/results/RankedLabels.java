package io.github.hfbeam.results;

import java.util.List;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** Candidate labels, the most likely first; the result of zero-shot text classification. */
@DefaultSchema(JavaFieldSchema.class)
public final class RankedLabels extends Result {

  /** The text. */
  public final String sequence;

  /** The labels, the most likely first. */
  public final List<String> labels;

  /** The score of each label, from 0 to 1. */
  public final List<Double> scores;

  /**
   * Creates an instance, for example in a test.
   *
   * @param sequence the text
   * @param labels the labels, the most likely first
   * @param scores the score of each label, from 0 to 1
   */
  @SchemaCreate
  public RankedLabels(String sequence, List<String> labels, List<Double> scores) {
    this.sequence = sequence;
    this.labels = labels;
    this.scores = scores;
  }
}
