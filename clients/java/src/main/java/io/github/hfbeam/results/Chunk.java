package io.github.hfbeam.results;

import javax.annotation.Nullable;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** A part of what was said. */
@DefaultSchema(JavaFieldSchema.class)
public final class Chunk extends Result {

  /** The words. */
  public final String text;

  /** When it begins, in seconds; null where unknown. */
  @Nullable public final Double start;

  /** When it ends, in seconds; null where unknown. */
  @Nullable public final Double end;

  /**
   * One of these, as tests may need it.
   *
   * @param text the words
   * @param start when it begins, in seconds; null where unknown
   * @param end when it ends, in seconds; null where unknown
   */
  @SchemaCreate
  public Chunk(String text, @Nullable Double start, @Nullable Double end) {
    this.text = text;
    this.start = start;
    this.end = end;
  }
}
