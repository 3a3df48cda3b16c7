package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** A part of the context that answers the question: question answering. */
@DefaultSchema(JavaFieldSchema.class)
public final class Answer extends Result {

  /** From 0 to 1. */
  public final double score;

  /** Where it begins in the context, in characters. */
  public final long start;

  /** Where it ends. */
  public final long end;

  /** The words. */
  public final String answer;

  /**
   * One of these, as tests may need it.
   *
   * @param score from 0 to 1
   * @param start where it begins in the context, in characters
   * @param end where it ends
   * @param answer the words
   */
  @SchemaCreate
  public Answer(double score, long start, long end, String answer) {
    this.score = score;
    this.start = start;
    this.end = end;
    this.answer = answer;
  }
}
