package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** A thing in an image: object detection, also zero-shot. */
@DefaultSchema(JavaFieldSchema.class)
public final class DetectedObject extends Result {

  /** What it is. */
  public final String label;

  /** From 0 to 1. */
  public final double score;

  /** Where it is. */
  public final Box box;

  /**
   * One of these, as tests may need it.
   *
   * @param label what it is
   * @param score from 0 to 1
   * @param box where it is
   */
  @SchemaCreate
  public DetectedObject(String label, double score, Box box) {
    this.label = label;
    this.score = score;
    this.box = box;
  }
}
