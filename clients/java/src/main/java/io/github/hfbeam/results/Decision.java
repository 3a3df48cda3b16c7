package io.github.hfbeam.results;

import java.util.Map;
import javax.annotation.Nullable;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** What a model decided: the values of the answer of the task decision. */
@DefaultSchema(JavaFieldSchema.class)
public final class Decision extends Result {

  /** Which kind of decision. */
  public final String type;

  /** Of the kind that has one, else null. */
  @Nullable public final Double noul;

  /** Of the kind that has one, else null. */
  @Nullable public final String choice;

  /** Of the kind that has one, else null. */
  @Nullable public final Double score;

  /** From 0 to 1; null where the kind has none. */
  @Nullable public final Double confidence;

  /** Of each choice; null where the kind has none. */
  @Nullable public final Map<String, Double> probabilities;

  /**
   * One of these, as tests may need it.
   *
   * @param type which kind of decision
   * @param noul of the kind that has one, else null
   * @param choice of the kind that has one, else null
   * @param score of the kind that has one, else null
   * @param confidence from 0 to 1; null where the kind has none
   * @param probabilities of each choice; null where the kind has none
   */
  @SchemaCreate
  public Decision(
      String type,
      @Nullable Double noul,
      @Nullable String choice,
      @Nullable Double score,
      @Nullable Double confidence,
      @Nullable Map<String, Double> probabilities) {
    this.type = type;
    this.noul = noul;
    this.choice = choice;
    this.score = score;
    this.confidence = confidence;
    this.probabilities = probabilities;
  }
}
