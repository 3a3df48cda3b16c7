package io.github.hfbeam.results;

import javax.annotation.Nullable;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** The part of a document that answers the question; the result of document question answering. */
@DefaultSchema(JavaFieldSchema.class)
public final class DocumentAnswer extends Result {

  /** The text of the answer; null if the model found none. */
  @Nullable public final String answer;

  /** From 0 to 1; null for generative models. */
  @Nullable public final Double score;

  /** The index of its first word; null for generative models. */
  @Nullable public final Long start;

  /** The index of its last word; null for generative models. */
  @Nullable public final Long end;

  /**
   * Creates an instance, for example in a test.
   *
   * @param answer the text of the answer; null if the model found none
   * @param score from 0 to 1; null for generative models
   * @param start the index of its first word; null for generative models
   * @param end the index of its last word; null for generative models
   */
  @SchemaCreate
  public DocumentAnswer(
      @Nullable String answer, @Nullable Double score, @Nullable Long start, @Nullable Long end) {
    this.answer = answer;
    this.score = score;
    this.start = start;
    this.end = end;
  }
}
