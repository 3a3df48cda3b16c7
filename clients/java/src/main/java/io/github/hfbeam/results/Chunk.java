package io.github.hfbeam.results;

import javax.annotation.Nullable;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** A part of a transcript. */
@DefaultSchema(JavaFieldSchema.class)
public final class Chunk extends Result {

  /** The text. */
  public final String text;

  /** The start time, in seconds; null if unknown. */
  @Nullable public final Double start;

  /** The end time, in seconds; null if unknown. */
  @Nullable public final Double end;

  /**
   * Creates an instance, for example in a test.
   *
   * @param text the text
   * @param start the start time, in seconds; null if unknown
   * @param end the end time, in seconds; null if unknown
   */
  @SchemaCreate
  public Chunk(String text, @Nullable Double start, @Nullable Double end) {
    this.text = text;
    this.start = start;
    this.end = end;
  }
}
