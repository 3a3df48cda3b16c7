package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/**
 * A class and its score; the result of all classification tasks, including zero-shot classification
 * of images and audio.
 */
@DefaultSchema(JavaFieldSchema.class)
public final class Label extends Result {

  /** The name of the class. */
  public final String label;

  /** From 0 to 1. */
  public final double score;

  /**
   * Creates an instance, for example in a test.
   *
   * @param label the name of the class
   * @param score from 0 to 1
   */
  @SchemaCreate
  public Label(String label, double score) {
    this.label = label;
    this.score = score;
  }
}
