package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** The pixels of an image that belong together: mask generation. */
@DefaultSchema(JavaFieldSchema.class)
public final class Mask extends Result {

  /** A PNG file of the image's size, white where they are. */
  public final byte[] mask;

  /** How good the mask is, as the model sees it. */
  public final double score;

  /**
   * One of these, as tests may need it.
   *
   * @param mask a PNG file of the image's size, white where they are
   * @param score how good the mask is, as the model sees it
   */
  @SchemaCreate
  public Mask(byte[] mask, double score) {
    this.mask = mask;
    this.score = score;
  }
}
