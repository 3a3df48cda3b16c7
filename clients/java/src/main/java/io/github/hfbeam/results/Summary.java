package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldName;

/** A shorter text. */
@DefaultSchema(JavaFieldSchema.class)
public final class Summary extends Result {

  /** The text. */
  @SchemaFieldName("summary_text")
  public final String summaryText;

  /**
   * One of these, as tests may need it.
   *
   * @param summaryText the text
   */
  @SchemaCreate
  public Summary(String summaryText) {
    this.summaryText = summaryText;
  }
}
