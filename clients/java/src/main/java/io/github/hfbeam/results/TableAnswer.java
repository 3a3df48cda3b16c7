package io.github.hfbeam.results;

import java.util.List;
import javax.annotation.Nullable;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** Cells of a table that answer a question: table question answering. */
@DefaultSchema(JavaFieldSchema.class)
public final class TableAnswer extends Result {

  /** The cells as text. */
  public final String answer;

  /** Row and column of each cell; null for models that only generate. */
  @Nullable public final List<List<Long>> coordinates;

  /** The cells; null for models that only generate. */
  @Nullable public final List<String> cells;

  /** What is to be done with them, for example {@code SUM}; null for models without one. */
  @Nullable public final String aggregator;

  /**
   * One of these, as tests may need it.
   *
   * @param answer the cells as text
   * @param coordinates row and column of each cell; null for models that only generate
   * @param cells the cells; null for models that only generate
   * @param aggregator what is to be done with them, for example {@code SUM}; null for models
   *     without one
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
