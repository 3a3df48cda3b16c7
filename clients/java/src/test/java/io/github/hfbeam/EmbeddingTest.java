package io.github.hfbeam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Texts become the vectors that the model's authors meant. */
@ExtendWith(HfBeamExtension.class)
class EmbeddingTest {

  private static final Schema TEXTS =
      Schema.builder().addInt64Field("id").addStringField("term").addStringField("text").build();
  private static final int DIMENSIONS = 384;

  private final HfBeamService service;

  EmbeddingTest(HfBeamService service) {
    this.service = service;
  }

  @Test
  @Tag("whole-corpus") // takes minutes: make test-corpus
  void theWholeCorpusLosesNothingAndEqualsTheReference() throws IOException {
    List<Row> corpus = corpus();
    List<Row> embedded = embed(corpus);
    assertEquals(count(corpus), count(embedded));
    embedded.forEach(EmbeddingTest::assertUnitVector);

    Map<Long, float[]> found = vectors(embedded);
    Map<Long, float[]> reference = reference();
    assertEquals(corpus.size(), reference.size());
    reference.forEach(
        (id, vector) -> {
          double cosine = cosine(vector, found.get(id));
          assertTrue(cosine >= 0.99999, "id " + id + ", cosine " + cosine);
        });
  }

  @Test
  void anEmptyTextAndALongOneAreEmbeddedAndDisturbNoOthers() throws IOException {
    List<Row> others = corpus().subList(0, 20);
    List<Row> all = new ArrayList<>(others);
    all.add(text(-1, ""));
    all.add(text(-2, "long ".repeat(4_000)));
    Map<Long, float[]> alone = vectors(embed(others));
    List<Row> embedded = embed(all);
    assertEquals(count(all), count(embedded));
    embedded.forEach(EmbeddingTest::assertUnitVector);
    Map<Long, float[]> together = vectors(embedded);
    alone.forEach((id, vector) -> assertTrue(cosine(vector, together.get(id)) >= 0.99999));
  }

  private List<Row> embed(List<Row> texts) {
    return Job.run(
            service,
            pipeline ->
                pipeline
                    .apply(Create.of(texts).withRowSchema(TEXTS))
                    .apply(
                        HuggingFace.embedding()
                            .withModel(service.miniLm())
                            .withInput("text", "text")
                            .at(service.address())))
        .stream()
        .map(element -> element.value)
        .collect(Collectors.toList());
  }

  private static List<Row> corpus() throws IOException {
    return json(Files.readAllLines(Checkout.jargon())).stream()
        .map(
            line ->
                Row.withSchema(TEXTS)
                    .addValues(
                        line.path("id").longValue(),
                        line.path("term").textValue(),
                        line.path("text").textValue())
                    .build())
        .collect(Collectors.toList());
  }

  /** What sentence-transformers makes of each definition. */
  private Map<Long, float[]> reference() throws IOException {
    String script = Path.of("src/test/resources/reference.py").toAbsolutePath().toString();
    String printed = Checkout.python(script, service.miniLm(), Checkout.jargon().toString());
    Map<Long, float[]> vectors = new HashMap<>();
    for (JsonNode line : json(List.of(printed.split("\n")))) {
      float[] vector = new float[DIMENSIONS];
      for (int i = 0; i < DIMENSIONS; i++) {
        vector[i] = line.path("vector").path(i).floatValue();
      }
      vectors.put(line.path("id").longValue(), vector);
    }
    return vectors;
  }

  private static List<JsonNode> json(List<String> lines) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    List<JsonNode> nodes = new ArrayList<>();
    for (String line : lines) {
      nodes.add(mapper.readTree(line));
    }
    return nodes;
  }

  private static Row text(long id, String text) {
    return Row.withSchema(TEXTS).addValues(id, "", text).build();
  }

  private static Map<Long, Long> count(List<Row> rows) {
    return rows.stream()
        .collect(Collectors.groupingBy(row -> row.getInt64("id"), Collectors.counting()));
  }

  private static Map<Long, float[]> vectors(List<Row> rows) {
    return rows.stream()
        .collect(Collectors.toMap(row -> row.getInt64("id"), EmbeddingTest::vector));
  }

  private static void assertUnitVector(Row row) {
    float[] vector = vector(row);
    assertEquals(DIMENSIONS, vector.length);
    assertEquals(1, dot(vector, vector), 1e-5);
    assertTrue(row.getString("model_id").contains("@"), row.getString("model_id"));
  }

  private static float[] vector(Row row) {
    Collection<Float> values = row.getArray("inference");
    float[] vector = new float[values.size()];
    int i = 0;
    for (float value : values) {
      vector[i++] = value;
    }
    return vector;
  }

  private static double cosine(float[] a, float[] b) {
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
