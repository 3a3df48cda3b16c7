package io.github.hfbeam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hfbeam.CollectFn.Timed;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Numbers go in and tensors come out, as arrays or as bytes. */
@ExtendWith(HfBeamExtension.class)
class TensorTest {

  private static final Schema ENCODED =
      Schema.builder()
          .addInt32Field("id")
          .addArrayField("input_ids", FieldType.INT64)
          .addNullableField("attention_mask", FieldType.array(FieldType.INT32))
          .build();

  private final HfBeamService service;

  TensorTest(HfBeamService service) {
    this.service = service;
  }

  @Test
  void arraysComeOutOfTheTypeAndRankThatAreAskedFor() {
    TensorConfig config =
        HuggingFace.tensor()
            .withModel(service.tinyModel("fill-mask"))
            .withOutputs("logits:float32[2]")
            .withTensorEncoding("array");
    for (Row row : ask(config)) {
      List<List<Float>> logits =
          new ArrayList<>(row.getRow("inference").<List<Float>>getArray("logits"));
      assertEquals(row.getArray("input_ids").size(), logits.size());
      assertTrue(logits.get(0).stream().allMatch(Float::isFinite));
    }
  }

  @Test
  void bytesComeOutWithTypeAndShape() {
    TensorConfig config = HuggingFace.tensor().withModel(service.tinyModel("feature-extraction"));
    for (Row row : ask(config)) {
      Row state = row.getRow("inference").getRow("last_hidden_state");
      long tokens = row.getArray("input_ids").size();
      assertEquals("float32", state.getString("dtype"));
      assertEquals(List.of(tokens, 32L), new ArrayList<>(state.<Long>getArray("shape")));
      assertEquals(tokens * 32 * Float.BYTES, state.getBytes("data").length);
    }
  }

  private List<Row> ask(TensorConfig config) {
    List<Row> texts =
        List.of(
            Row.withSchema(ENCODED).addValues(1, List.of(2L, 40L, 50L, 3L), null).build(),
            Row.withSchema(ENCODED).addValues(2, List.of(2L, 60L, 3L), List.of(1, 1, 1)).build());
    List<Timed<Row>> output =
        Job.run(
            service,
            pipeline ->
                pipeline
                    .apply(Create.of(texts).withRowSchema(ENCODED))
                    .apply(config.at(service.address())));
    assertEquals(2, output.size());
    List<Row> rows = new ArrayList<>();
    output.forEach(element -> rows.add(element.value));
    return rows;
  }
}
