package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldName;

/** The same point in two images; the result of keypoint matching. */
@DefaultSchema(JavaFieldSchema.class)
public final class KeypointMatch extends Result {

  /** The position in the first image. */
  @SchemaFieldName("keypoint_image_0")
  public final Keypoint keypointImage0;

  /** The position in the second image. */
  @SchemaFieldName("keypoint_image_1")
  public final Keypoint keypointImage1;

  /** From 0 to 1. */
  public final double score;

  /**
   * Creates an instance, for example in a test.
   *
   * @param keypointImage0 the position in the first image
   * @param keypointImage1 the position in the second image
   * @param score from 0 to 1
   */
  @SchemaCreate
  public KeypointMatch(Keypoint keypointImage0, Keypoint keypointImage1, double score) {
    this.keypointImage0 = keypointImage0;
    this.keypointImage1 = keypointImage1;
    this.score = score;
  }
}
