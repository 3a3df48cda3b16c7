package io.github.hfbeam.results;

import java.util.List;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** A transcript with times; the result of speech recognition with {@code return_timestamps}. */
@DefaultSchema(JavaFieldSchema.class)
public final class TimedTranscript extends Result {

  /** The text. */
  public final String text;

  /** The parts of the text, with their times. */
  public final List<Chunk> chunks;

  /**
   * Creates an instance, for example in a test.
   *
   * @param text the text
   * @param chunks the parts of the text, with their times
   */
  @SchemaCreate
  public TimedTranscript(String text, List<Chunk> chunks) {
    this.text = text;
    this.chunks = chunks;
  }
}
