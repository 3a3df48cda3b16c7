package io.github.hfbeam.results;

import javax.annotation.Nullable;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** What a question about an image is answered with: visual question answering. */
@DefaultSchema(JavaFieldSchema.class)
public final class VisualAnswer extends Result {

  /** The words. */
  public final String answer;

  /** From 0 to 1; null for models that generate. */
  @Nullable public final Double score;

  /**
   * One of these, as tests may need it.
   *
   * @param answer the words
   * @param score from 0 to 1; null for models that generate
   */
  @SchemaCreate
  public VisualAnswer(String answer, @Nullable Double score) {
    this.answer = answer;
    this.score = score;
  }
}
