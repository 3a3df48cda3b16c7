package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldName;

/** A text in another language. */
@DefaultSchema(JavaFieldSchema.class)
public final class Translation extends Result {

  /** The text. */
  @SchemaFieldName("translation_text")
  public final String translationText;

  /**
   * One of these, as tests may need it.
   *
   * @param translationText the text
   */
  @SchemaCreate
  public Translation(String translationText) {
    this.translationText = translationText;
  }
}
