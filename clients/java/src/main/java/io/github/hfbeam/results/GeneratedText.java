package io.github.hfbeam.results;

import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldName;

/** Generated text; the result of text generation and image to text. */
@DefaultSchema(JavaFieldSchema.class)
public final class GeneratedText extends Result {

  /** The text. */
  @SchemaFieldName("generated_text")
  public final String generatedText;

  /**
   * Creates an instance, for example in a test.
   *
   * @param generatedText the text
   */
  @SchemaCreate
  public GeneratedText(String generatedText) {
    this.generatedText = generatedText;
  }
}
