package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** A point in an image, in pixels from the upper left corner. */
@DefaultSchema(JavaFieldSchema.class)
public final class Keypoint extends Result {

  /** The distance to the right. */
  public final double x;

  /** The distance downwards. */
  public final double y;

  /**
   * Creates an instance, for example in a test.
   *
   * @param x the distance to the right
   * @param y the distance downwards
   */
  @SchemaCreate
  public Keypoint(double x, double y) {
    this.x = x;
    this.y = y;
  }
}
