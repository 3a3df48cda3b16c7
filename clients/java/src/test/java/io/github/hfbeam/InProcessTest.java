package io.github.hfbeam;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.hfbeam.CollectFn.Timed;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.vendor.guava.v32_1_2_jre.com.google.common.io.BaseEncoding;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Java gets is what the handlers give in a Python process. */
@ExtendWith(HfBeamExtension.class)
class InProcessTest {

  private static final double TOLERANCE = 1e-5;
  private static final List<String> TEXTS =
      List.of("a day", "", "the house of my mother", "what a long and happy day that was", "night");
  private static final List<List<Long>> TOKENS =
      List.of(List.of(2L, 40L, 3L), List.of(2L, 40L, 50L, 60L, 70L, 3L), List.of(2L, 9L, 8L, 3L));

  private static final List<JsonNode> PYTHON = new ArrayList<>();

  private final HfBeamService service;

  InProcessTest(HfBeamService service) {
    this.service = service;
  }

  @BeforeAll
  static void runInPython(HfBeamService service) throws JsonProcessingException {
    ObjectMapper mapper = new ObjectMapper();
    String printed =
        Checkout.python(
            Path.of("src/test/resources/in_process.py").toAbsolutePath().toString(),
            service.tinyModel("feature-extraction"),
            mapper.writeValueAsString(TEXTS),
            service.tinyModel("fill-mask"),
            mapper.writeValueAsString(TOKENS));
    for (String line : printed.split("\n")) {
      PYTHON.add(mapper.readTree(line));
    }
  }

  /** One element in a forward pass: the same numbers. As many as fit: nearly the same. */
  @ParameterizedTest
  @ValueSource(ints = {1, 0})
  void embeddingsAreEqual(int batchSize) {
    String model = service.tinyModel("feature-extraction");
    Schema schema = Schema.builder().addInt32Field("id").addStringField("text").build();
    EmbeddingConfig config =
        batched(HuggingFace.embedding().withModel(model).withVectorEncoding("bytes"), batchSize);
    assertSame(
        inProcess("embedding", batchSize),
        inJava(schema, TEXTS, config, row -> row.getBytes("inference")),
        batchSize == 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 0})
  void tensorsAreEqual(int batchSize) {
    String model = service.tinyModel("fill-mask");
    Schema schema =
        Schema.builder().addInt32Field("id").addArrayField("input_ids", FieldType.INT64).build();
    TensorConfig config = batched(HuggingFace.tensor().withModel(model), batchSize);
    assertSame(
        inProcess("tensor", batchSize),
        inJava(
            schema,
            TOKENS,
            config,
            row -> row.getRow("inference").getRow("logits").getBytes("data")),
        batchSize == 1);
  }

  private static <C extends HandlerConfig<C>> C batched(C config, int batchSize) {
    return batchSize == 0 ? config : config.withMaxBatchSize(batchSize);
  }

  private Map<Integer, byte[]> inJava(
      Schema schema, List<?> elements, HandlerConfig<?> config, Function<Row, byte[]> values) {
    Row[] rows = new Row[elements.size()];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Row.withSchema(schema).addValues(i, elements.get(i)).build();
    }
    Map<Integer, byte[]> found = new TreeMap<>();
    for (Timed<Row> output :
        Job.run(
            service,
            pipeline ->
                pipeline
                    .apply(Create.of(List.of(rows)).withRowSchema(schema))
                    .apply(config.at(service.address())))) {
      found.put(output.value.getInt32("id"), values.apply(output.value));
    }
    return found;
  }

  private static Map<Integer, byte[]> inProcess(String transform, int batchSize) {
    Map<Integer, byte[]> found = new TreeMap<>();
    for (JsonNode result : PYTHON) {
      if (result.get(0).textValue().equals(transform) && result.get(1).intValue() == batchSize) {
        found.put(
            result.get(2).intValue(),
            BaseEncoding.base16().lowerCase().decode(result.get(3).textValue()));
      }
    }
    return found;
  }

  private static void assertSame(
      Map<Integer, byte[]> expected, Map<Integer, byte[]> found, boolean bitForBit) {
    assertFalse(expected.isEmpty());
    assertEquals(expected.keySet(), found.keySet());
    expected.forEach(
        (id, values) -> {
          if (bitForBit) {
            assertArrayEquals(values, found.get(id), "element " + id);
          }
          assertArrayEquals(floats(values), floats(found.get(id)), (float) TOLERANCE);
        });
  }

  private static float[] floats(byte[] bytes) {
    float[] values = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }
}
