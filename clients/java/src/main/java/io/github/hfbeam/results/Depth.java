package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldName;

/** How far away each pixel of an image is: depth estimation. */
@DefaultSchema(JavaFieldSchema.class)
public final class Depth extends Result {

  /** A PNG file of the image's size. */
  public final byte[] depth;

  /** What the model gave, (height, width). */
  @SchemaFieldName("predicted_depth")
  public final Tensor predictedDepth;

  /**
   * One of these, as tests may need it.
   *
   * @param depth a PNG file of the image's size
   * @param predictedDepth what the model gave, (height, width)
   */
  @SchemaCreate
  public Depth(byte[] depth, Tensor predictedDepth) {
    this.depth = depth;
    this.predictedDepth = predictedDepth;
  }
}
