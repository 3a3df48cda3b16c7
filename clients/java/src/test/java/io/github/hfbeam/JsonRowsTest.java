package io.github.hfbeam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The document becomes a row whose schema follows from its values. */
class JsonRowsTest {

  @Test
  void valuesKeepTheirTypes() {
    Schema nested = Schema.builder().addInt64Field("d").build();
    Schema schema =
        Schema.builder()
            .addStringField("s")
            .addInt64Field("i")
            .addDoubleField("f")
            .addBooleanField("b")
            .addRowField("o", nested)
            .addArrayField("a", FieldType.INT64)
            .addArrayField("rows", FieldType.row(nested))
            .build();
    Row one = Row.withSchema(nested).addValue(1L).build();
    assertEquals(
        Row.withSchema(schema)
            .addValues("x", 3L, 1.0, true, one)
            .addArray(1L, 2L)
            .addArray(one, one)
            .build(),
        row(
            "{\"s\": \"x\", \"i\": 3, \"f\": 1.0, \"b\": true, \"o\": {\"d\": 1}, \"a\": [1, 2],"
                + " \"rows\": [{\"d\": 1}, {\"d\": 1}]}"));
  }

  @Test
  void nullAndTheTransformAreLeftOut() {
    assertEquals(
        Schema.builder().addStringField("model").build(),
        row("{\"transform\": \"embedding\", \"model\": \"m\", \"task\": null}").getSchema());
  }

  @Test
  void anEmptyArrayIsOfStrings() {
    assertEquals(
        Schema.builder().addArrayField("a", FieldType.STRING).build(),
        row("{\"a\": []}").getSchema());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\": {\"b\": [1, \"x\"]}} | a.b",
        "{\"a\": [{\"x\": 1}, {\"y\": 1}]} | a",
        "{\"a\": [1, null]} | a.1",
        "{\"a\": {\"b\": 9223372036854775808}} | a.b",
      })
  void whatARowCannotHoldIsRefused(String json, String path) {
    HuggingFaceException refusal = assertThrows(HuggingFaceException.class, () -> row(json));
    assertEquals("InvalidConfig", refusal.code());
    assertEquals(path, refusal.path(), refusal.getMessage());
  }

  private static Row row(String json) {
    return ConfigDocument.parse(json).toRow();
  }
}
