package io.github.hfbeam.results;

import javax.annotation.Nullable;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** A token and the label of its entity; the result of token classification. */
@DefaultSchema(JavaFieldSchema.class)
public final class Entity extends Result {

  /** The label, for example {@code B-PER}. */
  public final String entity;

  /** From 0 to 1. */
  public final double score;

  /** The index of the token among the tokens of the text. */
  public final long index;

  /** The token. */
  public final String word;

  /**
   * The start of the token in the text, in code points; null if the tokenizer does not provide it.
   */
  @Nullable public final Long start;

  /**
   * The end of the token in the text, in code points; null if the tokenizer does not provide it.
   */
  @Nullable public final Long end;

  /**
   * Creates an instance, for example in a test.
   *
   * @param entity the label, for example {@code B-PER}
   * @param score from 0 to 1
   * @param index the index of the token among the tokens of the text
   * @param word the token
   * @param start the start of the token in the text, in code points; null if the tokenizer does not
   *     provide it
   * @param end the end of the token in the text, in code points; null if the tokenizer does not
   *     provide it
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

  /**
   * Returns the part of the text that the token is: from start to end, which {@code substring}
   * would take for UTF-16 units.
   *
   * @param text the text that the model read
   * @return the part, or null if the tokenizer does not provide start and end
   * @throws IndexOutOfBoundsException if start or end is not in the text
   */
  @Nullable
  public String textIn(String text) {
    return CodePoints.substring(text, start, end);
  }
}
