package io.github.hfbeam.results;

import javax.annotation.Nullable;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldName;

/** The words that are one entity: token classification with {@code aggregation_strategy}. */
@DefaultSchema(JavaFieldSchema.class)
public final class EntityGroup extends Result {

  /** What it is, for example {@code PER}. */
  @SchemaFieldName("entity_group")
  public final String entityGroup;

  /** From 0 to 1. */
  public final double score;

  /** Its words. */
  public final String word;

  /** Where it begins in the text, in characters; null where the tokenizer does not know. */
  @Nullable public final Long start;

  /** Where it ends; null where the tokenizer does not know. */
  @Nullable public final Long end;

  /**
   * One of these, as tests may need it.
   *
   * @param entityGroup what it is, for example {@code PER}
   * @param score from 0 to 1
   * @param word its words
   * @param start where it begins in the text, in characters; null where the tokenizer does not know
   * @param end where it ends; null where the tokenizer does not know
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
}
