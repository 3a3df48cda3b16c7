package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** An object in an image; the result of object detection, including zero-shot. */
@DefaultSchema(JavaFieldSchema.class)
public final class DetectedObject extends Result {

  /** The class of the object. */
  public final String label;

  /** From 0 to 1. */
  public final double score;

  /** The position of the object. */
  public final Box box;

  /**
   * Creates an instance, for example in a test.
   *
   * @param label the class of the object
   * @param score from 0 to 1
   * @param box the position of the object
   */
  @SchemaCreate
  public DetectedObject(String label, double score, Box box) {
    this.label = label;
    this.score = score;
    this.box = box;
  }
}
