package io.github.hfbeam.results;

import javax.annotation.Nullable;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** The pixels of one object in an image; the result of image segmentation. */
@DefaultSchema(JavaFieldSchema.class)
public final class Segment extends Result {

  /** The class of the object. */
  public final String label;

  /** From 0 to 1; null if the model has none. */
  @Nullable public final Double score;

  /** A PNG file with the size of the image, in which the object is white. */
  public final byte[] mask;

  /**
   * Creates an instance, for example in a test.
   *
   * @param label the class of the object
   * @param score from 0 to 1; null if the model has none
   * @param mask a PNG file with the size of the image, in which the object is white
   */
  @SchemaCreate
  public Segment(String label, @Nullable Double score, byte[] mask) {
    this.label = label;
    this.score = score;
    this.mask = mask;
  }
}
