package io.github.hfbeam.results;

import java.util.List;
import javax.annotation.Nullable;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** The cells of a table that answer a question; the result of table question answering. */
@DefaultSchema(JavaFieldSchema.class)
public final class TableAnswer extends Result {

  /** The cells as text. */
  public final String answer;

  /** The row and column of each cell; null for generative models. */
  @Nullable public final List<List<Long>> coordinates;

  /** The cells; null for generative models. */
  @Nullable public final List<String> cells;

  /** How to combine the cells, for example {@code SUM}; null for models without an aggregator. */
  @Nullable public final String aggregator;

  /**
   * Creates an instance, for example in a test.
   *
   * @param answer the cells as text
   * @param coordinates the row and column of each cell; null for generative models
   * @param cells the cells; null for generative models
   * @param aggregator how to combine the cells, for example {@code SUM}; null for models without an
   *     aggregator
   */
  @SchemaCreate
  public TableAnswer(
      String answer,
      @Nullable List<List<Long>> coordinates,
      @Nullable List<String> cells,
      @Nullable String aggregator) {
    this.answer = answer;
    this.coordinates = coordinates;
    this.cells = cells;
    this.aggregator = aggregator;
  }
}
