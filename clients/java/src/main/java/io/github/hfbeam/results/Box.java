package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** A bounding box in an image, in pixels from the upper left corner. */
@DefaultSchema(JavaFieldSchema.class)
public final class Box extends Result {

  /** The left edge. */
  public final long xmin;

  /** The upper edge. */
  public final long ymin;

  /** The right edge. */
  public final long xmax;

  /** The lower edge. */
  public final long ymax;

  /**
   * Creates an instance, for example in a test.
   *
   * @param xmin the left edge
   * @param ymin the upper edge
   * @param xmax the right edge
   * @param ymax the lower edge
   */
  @SchemaCreate
  public Box(long xmin, long ymin, long xmax, long ymax) {
    this.xmin = xmin;
    this.ymin = ymin;
    this.xmax = xmax;
    this.ymax = ymax;
  }
}
