package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/**
 * A class of things that the model tells apart, and how sure it is: all classifications, zero-shot
 * ones of images and sound too.
 */
@DefaultSchema(JavaFieldSchema.class)
public final class Label extends Result {

  /** The name of the class. */
  public final String label;

  /** From 0 to 1. */
  public final double score;

  /**
   * One of these, as tests may need it.
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
