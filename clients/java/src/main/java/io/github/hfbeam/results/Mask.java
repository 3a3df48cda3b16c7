package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** The pixels of an image that belong together; the result of mask generation. */
@DefaultSchema(JavaFieldSchema.class)
public final class Mask extends Result {

  /** A PNG file with the size of the image, in which these pixels are white. */
  public final byte[] mask;

  /** The model's estimate of the quality of the mask. */
  public final double score;

  /**
   * Creates an instance, for example in a test.
   *
   * @param mask a PNG file with the size of the image, in which these pixels are white
   * @param score the model's estimate of the quality of the mask
   */
  @SchemaCreate
  public Mask(byte[] mask, double score) {
    this.mask = mask;
    this.score = score;
  }
}
