package io.github.hfbeam.results;

import javax.annotation.Nullable;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldName;

/** The words of an entity; the result of token classification with {@code aggregation_strategy}. */
@DefaultSchema(JavaFieldSchema.class)
public final class EntityGroup extends Result {

  /** The label, for example {@code PER}. */
  @SchemaFieldName("entity_group")
  public final String entityGroup;

  /** From 0 to 1. */
  public final double score;

  /** The words. */
  public final String word;

  /**
   * The start of the entity in the text, in code points; null if the tokenizer does not provide it.
   */
  @Nullable public final Long start;

  /**
   * The end of the entity in the text, in code points; null if the tokenizer does not provide it.
   */
  @Nullable public final Long end;

  /**
   * Creates an instance, for example in a test.
   *
   * @param entityGroup the label, for example {@code PER}
   * @param score from 0 to 1
   * @param word the words
   * @param start the start of the entity in the text, in code points; null if the tokenizer does
   *     not provide it
   * @param end the end of the entity in the text, in code points; null if the tokenizer does not
   *     provide it
   */
  @SchemaCreate
  public EntityGroup(
      String entityGroup, double score, String word, @Nullable Long start, @Nullable Long end) {
    this.entityGroup = entityGroup;
    this.score = score;
    this.word = word;
    this.start = start;
    this.end = end;
  }

  /**
   * Returns the part of the text that the entity is: from start to end, which {@code substring}
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
