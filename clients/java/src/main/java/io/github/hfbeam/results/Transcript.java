package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** What was said: speech recognition. */
@DefaultSchema(JavaFieldSchema.class)
public final class Transcript extends Result {

  /** The words. */
  public final String text;

  /**
   * One of these, as tests may need it.
   *
   * @param text the words
   */
  @SchemaCreate
  public Transcript(String text) {
    this.text = text;
  }
}
