package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldName;

/** A summary; the result of summarization. */
@DefaultSchema(JavaFieldSchema.class)
public final class Summary extends Result {

  /** The text. */
  @SchemaFieldName("summary_text")
  public final String summaryText;

  /**
   * Creates an instance, for example in a test.
   *
   * @param summaryText the text
   */
  @SchemaCreate
  public Summary(String summaryText) {
    this.summaryText = summaryText;
  }
}
