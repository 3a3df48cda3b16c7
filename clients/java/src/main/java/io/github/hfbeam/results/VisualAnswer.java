package io.github.hfbeam.results;

import javax.annotation.Nullable;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** The answer to a question about an image; the result of visual question answering. */
@DefaultSchema(JavaFieldSchema.class)
public final class VisualAnswer extends Result {

  /** The text of the answer. */
  public final String answer;

  /** From 0 to 1; null for generative models. */
  @Nullable public final Double score;

  /**
   * Creates an instance, for example in a test.
   *
   * @param answer the text of the answer
   * @param score from 0 to 1; null for generative models
   */
  @SchemaCreate
  public VisualAnswer(String answer, @Nullable Double score) {
    this.answer = answer;
    this.score = score;
  }
}
