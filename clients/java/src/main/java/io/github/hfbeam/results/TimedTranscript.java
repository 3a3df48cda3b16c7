package io.github.hfbeam.results;

import java.util.List;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** What was said, and when: speech recognition with {@code return_timestamps}. */
@DefaultSchema(JavaFieldSchema.class)
public final class TimedTranscript extends Result {

  /** The words. */
  public final String text;

  /** Parts of them. */
  public final List<Chunk> chunks;

  /**
   * One of these, as tests may need it.
   *
   * @param text the words
   * @param chunks parts of them
   */
  @SchemaCreate
  public TimedTranscript(String text, List<Chunk> chunks) {
    this.text = text;
    this.chunks = chunks;
  }
}
