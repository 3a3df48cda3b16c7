package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldName;

/** The same thing in two images: keypoint matching. */
@DefaultSchema(JavaFieldSchema.class)
public final class KeypointMatch extends Result {

  /** Where it is in the first. */
  @SchemaFieldName("keypoint_image_0")
  public final Keypoint keypointImage0;

  /** Where it is in the second. */
  @SchemaFieldName("keypoint_image_1")
  public final Keypoint keypointImage1;

  /** From 0 to 1. */
  public final double score;

  /**
   * One of these, as tests may need it.
   *
   * @param keypointImage0 where it is in the first
   * @param keypointImage1 where it is in the second
   * @param score from 0 to 1
   */
  @SchemaCreate
  public KeypointMatch(Keypoint keypointImage0, Keypoint keypointImage1, double score) {
    this.keypointImage0 = keypointImage0;
    this.keypointImage1 = keypointImage1;
    this.score = score;
  }
}
