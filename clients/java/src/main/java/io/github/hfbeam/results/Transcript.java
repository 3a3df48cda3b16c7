package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** A transcript; the result of speech recognition. */
@DefaultSchema(JavaFieldSchema.class)
public final class Transcript extends Result {

  /** The text. */
  public final String text;

  /**
   * Creates an instance, for example in a test.
   *
   * @param text the text
   */
  @SchemaCreate
  public Transcript(String text) {
    this.text = text;
  }
}
