package io.github.hfbeam.results;

import javax.annotation.Nullable;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** The pixels of an image that are one thing: image segmentation. */
@DefaultSchema(JavaFieldSchema.class)
public final class Segment extends Result {

  /** What it is. */
  public final String label;

  /** From 0 to 1; null where the model has none. */
  @Nullable public final Double score;

  /** A PNG file of the image's size, white where the thing is. */
  public final byte[] mask;

  /**
   * One of these, as tests may need it.
   *
   * @param label what it is
   * @param score from 0 to 1; null where the model has none
   * @param mask a PNG file of the image's size, white where the thing is
   */
  @SchemaCreate
  public Segment(String label, @Nullable Double score, byte[] mask) {
    this.label = label;
    this.score = score;
    this.mask = mask;
  }
}
