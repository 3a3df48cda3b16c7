package io.github.hfbeam.results;

import java.util.Map;
import javax.annotation.Nullable;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** A decision of a model; a value of the map that the task decision returns. */
@DefaultSchema(JavaFieldSchema.class)
public final class Decision extends Result {

  /** The kind of decision. */
  public final String type;

  /** The noul; null if this kind has none. */
  @Nullable public final Double noul;

  /** The choice; null if this kind has none. */
  @Nullable public final String choice;

  /** The score; null if this kind has none. */
  @Nullable public final Double score;

  /** From 0 to 1; null if this kind has none. */
  @Nullable public final Double confidence;

  /** The probability of each choice; null if this kind has none. */
  @Nullable public final Map<String, Double> probabilities;

  /**
   * Creates an instance, for example in a test.
   *
   * @param type the kind of decision
   * @param noul the noul; null if this kind has none
   * @param choice the choice; null if this kind has none
   * @param score the score; null if this kind has none
   * @param confidence from 0 to 1; null if this kind has none
   * @param probabilities the probability of each choice; null if this kind has none
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
