package io.github.hfbeam.results;

import javax.annotation.Nullable;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** A part of a document that answers the question: document question answering. */
@DefaultSchema(JavaFieldSchema.class)
public final class DocumentAnswer extends Result {

  /** The words; null where none were found. */
  @Nullable public final String answer;

  /** From 0 to 1; null for models that generate. */
  @Nullable public final Double score;

  /** The index of its first word; null for models that generate. */
  @Nullable public final Long start;

  /** The index of its last word; null for models that generate. */
  @Nullable public final Long end;

  /**
   * One of these, as tests may need it.
   *
   * @param answer the words; null where none were found
   * @param score from 0 to 1; null for models that generate
   * @param start the index of its first word; null for models that generate
   * @param end the index of its last word; null for models that generate
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
