package io.github.hfbeam.results;

import javax.annotation.Nullable;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** A token and the entity it is part of: token classification. */
@DefaultSchema(JavaFieldSchema.class)
public final class Entity extends Result {

  /** The label, for example {@code B-PER}. */
  public final String entity;

  /** From 0 to 1. */
  public final double score;

  /** The place of the token among the tokens of the text. */
  public final long index;

  /** The token. */
  public final String word;

  /** Where it begins in the text, in characters; null where the tokenizer does not know. */
  @Nullable public final Long start;

  /** Where it ends; null where the tokenizer does not know. */
  @Nullable public final Long end;

  /**
   * One of these, as tests may need it.
   *
   * @param entity the label, for example {@code B-PER}
   * @param score from 0 to 1
   * @param index the place of the token among the tokens of the text
   * @param word the token
   * @param start where it begins in the text, in characters; null where the tokenizer does not know
   * @param end where it ends; null where the tokenizer does not know
   */
  @SchemaCreate
  public Entity(
      String entity,
      double score,
      long index,
      String word,
      @Nullable Long start,
      @Nullable Long end) {
    this.entity = entity;
    this.score = score;
    this.index = index;
    this.word = word;
    this.start = start;
    this.end = end;
  }
}
