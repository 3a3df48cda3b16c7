package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldName;

/** A translation; the result of translation. */
@DefaultSchema(JavaFieldSchema.class)
public final class Translation extends Result {

  /** The text. */
  @SchemaFieldName("translation_text")
  public final String translationText;

  /**
   * Creates an instance, for example in a test.
   *
   * @param translationText the text
   */
  @SchemaCreate
  public Translation(String translationText) {
    this.translationText = translationText;
  }
}
