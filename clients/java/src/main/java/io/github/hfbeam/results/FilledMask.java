package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldName;

/** A candidate token for a mask; fill-mask returns a list of these for each mask. */
@DefaultSchema(JavaFieldSchema.class)
public final class FilledMask extends Result {

  /** From 0 to 1. */
  public final double score;

  /** The id of the token. */
  public final long token;

  /** The token. */
  @SchemaFieldName("token_str")
  public final String tokenStr;

  /** The text with the token in place of the mask. */
  public final String sequence;

  /**
   * Creates an instance, for example in a test.
   *
   * @param score from 0 to 1
   * @param token the id of the token
   * @param tokenStr the token
   * @param sequence the text with the token in place of the mask
   */
  @SchemaCreate
  public FilledMask(double score, long token, String tokenStr, String sequence) {
    this.score = score;
    this.token = token;
    this.tokenStr = tokenStr;
    this.sequence = sequence;
  }
}
