package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** A part of an image, in pixels from its upper left corner. */
@DefaultSchema(JavaFieldSchema.class)
public final class Box extends Result {

  /** Its left edge. */
  public final long xmin;

  /** Its upper edge. */
  public final long ymin;

  /** Its right edge. */
  public final long xmax;

  /** Its lower edge. */
  public final long ymax;

  /**
   * One of these, as tests may need it.
   *
   * @param xmin its left edge
   * @param ymin its upper edge
   * @param xmax its right edge
   * @param ymax its lower edge
   */
  @SchemaCreate
  public Box(long xmin, long ymin, long xmax, long ymax) {
    this.xmin = xmin;
    this.ymin = ymin;
    this.xmax = xmax;
    this.ymax = ymax;
  }
}
