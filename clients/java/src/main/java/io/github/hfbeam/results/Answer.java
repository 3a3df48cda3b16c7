package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** The part of the context that answers the question; the result of question answering. */
@DefaultSchema(JavaFieldSchema.class)
public final class Answer extends Result {

  /** From 0 to 1. */
  public final double score;

  /** The start of the answer in the context, in code points. */
  public final long start;

  /** The end of the answer in the context, in code points. */
  public final long end;

  /** The text of the answer. */
  public final String answer;

  /**
   * Creates an instance, for example in a test.
   *
   * @param score from 0 to 1
   * @param start the start of the answer in the context, in code points
   * @param end the end of the answer in the context, in code points
   * @param answer the text of the answer
   */
  @SchemaCreate
  public Answer(double score, long start, long end, String answer) {
    this.score = score;
    this.start = start;
    this.end = end;
    this.answer = answer;
  }

  /**
   * Returns the part of the context that the answer is: from start to end, which {@code substring}
   * would take for UTF-16 units.
   *
   * @param context the context that the model read
   * @return the part
   * @throws IndexOutOfBoundsException if start or end is not in the context
   */
  public String textIn(String context) {
    return CodePoints.substring(context, start, end);
  }
}
