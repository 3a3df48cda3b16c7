package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldName;

/** The distance of each pixel of an image; the result of depth estimation. */
@DefaultSchema(JavaFieldSchema.class)
public final class Depth extends Result {

  /** A PNG file with the size of the image. */
  public final byte[] depth;

  /** The output of the model, of shape (height, width). */
  @SchemaFieldName("predicted_depth")
  public final Tensor predictedDepth;

  /**
   * Creates an instance, for example in a test.
   *
   * @param depth a PNG file with the size of the image
   * @param predictedDepth the output of the model, of shape (height, width)
   */
  @SchemaCreate
  public Depth(byte[] depth, Tensor predictedDepth) {
    this.depth = depth;
    this.predictedDepth = predictedDepth;
  }
}
