package io.github.hfbeam.results;

import java.util.List;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** Labels of one's own, the likeliest first: zero-shot classification of texts. */
@DefaultSchema(JavaFieldSchema.class)
public final class RankedLabels extends Result {

  /** The text. */
  public final String sequence;

  /** The labels. */
  public final List<String> labels;

  /** One for each label, from 0 to 1. */
  public final List<Double> scores;

  /**
   * One of these, as tests may need it.
   *
   * @param sequence the text
   * @param labels the labels
   * @param scores one for each label, from 0 to 1
   */
  @SchemaCreate
  public RankedLabels(String sequence, List<String> labels, List<Double> scores) {
    this.sequence = sequence;
    this.labels = labels;
    this.scores = scores;
  }
}
