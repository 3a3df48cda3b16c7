package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldName;

/** Sound: text to audio. */
@DefaultSchema(JavaFieldSchema.class)
public final class Audio extends Result {

  /** A WAV file of 32-bit floats. */
  public final byte[] audio;

  /** Samples in a second, Hz. */
  @SchemaFieldName("sampling_rate")
  public final long samplingRate;

  /**
   * One of these, as tests may need it.
   *
   * @param audio a WAV file of 32-bit floats
   * @param samplingRate samples in a second, Hz
   */
  @SchemaCreate
  public Audio(byte[] audio, long samplingRate) {
    this.audio = audio;
    this.samplingRate = samplingRate;
  }
}
