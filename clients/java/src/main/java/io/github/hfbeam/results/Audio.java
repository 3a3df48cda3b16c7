package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldName;

/** Audio; the result of text to audio. */
@DefaultSchema(JavaFieldSchema.class)
public final class Audio extends Result {

  /** A WAV file with 32-bit float samples. */
  public final byte[] audio;

  /** The sampling rate, in Hz. */
  @SchemaFieldName("sampling_rate")
  public final long samplingRate;

  /**
   * Creates an instance, for example in a test.
   *
   * @param audio a WAV file with 32-bit float samples
   * @param samplingRate the sampling rate, in Hz
   */
  @SchemaCreate
  public Audio(byte[] audio, long samplingRate) {
    this.audio = audio;
    this.samplingRate = samplingRate;
  }
}
