package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** The part of the context that answers the question; the result of question answering. */
@DefaultSchema(JavaFieldSchema.class)
public final class Answer extends Result {

  /** From 0 to 1. */
  public final double score;

  /** The start of the answer in the context, in characters. */
  public final long start;

  /** The end of the answer in the context, in characters. */
  public final long end;

  /** The text of the answer. */
  public final String answer;

  /**
   * Creates an instance, for example in a test.
   *
   * @param score from 0 to 1
   * @param start the start of the answer in the context, in characters
   * @param end the end of the answer in the context, in characters
   * @param answer the text of the answer
   */
  @SchemaCreate
  public Answer(double score, long start, long end, String answer) {
    this.score = score;
    this.start = start;
    this.end = end;
    this.answer = answer;
  }
}
