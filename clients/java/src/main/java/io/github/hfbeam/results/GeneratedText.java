package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldName;

/** What a model wrote: text generation, images to text. */
@DefaultSchema(JavaFieldSchema.class)
public final class GeneratedText extends Result {

  /** The text. */
  @SchemaFieldName("generated_text")
  public final String generatedText;

  /**
   * One of these, as tests may need it.
   *
   * @param generatedText the text
   */
  @SchemaCreate
  public GeneratedText(String generatedText) {
    this.generatedText = generatedText;
  }
}
