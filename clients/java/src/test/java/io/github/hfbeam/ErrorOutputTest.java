package io.github.hfbeam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.hfbeam.CollectFn.Timed;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A row that fails costs itself. */
@ExtendWith(HfBeamExtension.class)
class ErrorOutputTest {

  private static final Schema TEXTS =
      Schema.builder().addInt64Field("id").addNullableField("text", FieldType.STRING).build();

  private final HfBeamService service;

  ErrorOutputTest(HfBeamService service) {
    this.service = service;
  }

  @Test
  void rowsInAreRowsOutAndErrors() {
    List<Row> rows = List.of(text(0, "a text"), text(1, null), text(2, "another"));
    InferenceWithErrors embed =
        HuggingFace.embedding()
            .withModel(service.tinyModel("feature-extraction"))
            .at(service.address())
            .withErrors("failures");
    Map<String, List<Timed<Row>>> outputs =
        Job.runTuple(
            service, pipeline -> pipeline.apply(Create.of(rows).withRowSchema(TEXTS)).apply(embed));

    assertEquals(
        Set.of(InferenceWithErrors.OUTPUT.getId(), embed.errors().getId()), outputs.keySet());
    assertEquals(
        Set.of(0L, 2L),
        outputs.get("output").stream()
            .map(output -> output.value.getInt64("id"))
            .collect(Collectors.toSet()));
    assertEquals(1, outputs.get("failures").size());
    Row error = outputs.get("failures").get(0).value;
    assertEquals("InvalidElement", error.getString("error_code"));
    assertEquals(1L, error.getRow("failed_row").getInt64("id"));
    assertNull(error.getRow("failed_row").getString("text"));
    assertFalse(error.getString("error_message").isEmpty());
    assertEquals(
        outputs.get("output").get(0).value.getString("model_id"), error.getString("model_id"));
  }

  private static Row text(long id, String text) {
    return Row.withSchema(TEXTS).addValues(id, text).build();
  }
}
