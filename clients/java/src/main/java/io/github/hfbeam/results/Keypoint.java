package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** A place in an image, in pixels from its upper left corner. */
@DefaultSchema(JavaFieldSchema.class)
public final class Keypoint extends Result {

  /** To the right. */
  public final double x;

  /** Down. */
  public final double y;

  /**
   * One of these, as tests may need it.
   *
   * @param x to the right
   * @param y down
   */
  @SchemaCreate
  public Keypoint(double x, double y) {
    this.x = x;
    this.y = y;
  }
}
