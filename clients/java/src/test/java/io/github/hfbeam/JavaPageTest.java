package io.github.hfbeam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hfbeam.results.Answer;
import io.github.hfbeam.results.Label;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldName;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Each block of docs/java.md stands in this file, line by line, and is run. */
@ExtendWith(HfBeamExtension.class)
class JavaPageTest {

  private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private final String service;
  private final String classifier;
  private final String encoder;
  private final String ranker;
  private final Pipeline pipeline;
  private final Map<String, CollectFn<?>> collected = new TreeMap<>();
  private final Set<String> schemas = new TreeSet<>();

  JavaPageTest(HfBeamService service) {
    this.service = service.address();
    classifier = service.tinyModel("text-classification");
    encoder = service.tinyModel("feature-extraction");
    ranker = service.tinyModel("zero-shot-classification");
    pipeline = Job.pipeline(service);
  }

  @Test
  void itsBlocksStandHere() throws IOException {
    String source =
        unindented(Files.readString(Path.of("src/test/java/io/github/hfbeam/JavaPageTest.java")));
    Matcher blocks = BLOCK.matcher(Files.readString(Checkout.file("docs/java.md")));
    int count = 0;
    for (; blocks.find(); count++) {
      assertTrue(source.contains(unindented(blocks.group(1))), blocks.group());
    }
    assertTrue(count >= 10, count + " blocks");
  }

  @Test
  void itsPipelinesRun() throws IOException {
    PCollection<String> lines = pipeline.apply("Lines", Create.of("a good day", "a sad end"));

    PCollection<Row> moods =
        lines.apply(HuggingFace.pipeline("text-classification").withModel(classifier).at(service));
    // ROW{example STRING, inference ROW{label STRING, score DOUBLE}, model_id STRING}

    collect("rows", moods);
    collect("labels", labels(moods));
    collect("vectors", vectors());
    collect("logits", logits());
    collect("arguments", arguments(lines));
    collect("objects", objects(lines));
    collect("records", records());
    collect("keyed", keyed(lines));
    collect("document", document(lines));
    errors();
    assertTrue(schemas.containsAll(schemasOnPage()), schemas + " lacks " + schemasOnPage());
    Runner.run(pipeline);

    Map<String, Integer> sizes = new TreeMap<>();
    collected.forEach((name, collect) -> sizes.put(name, collect.elements().size()));
    assertEquals(
        "{arguments=2, document=2, failures=1, keyed=2, labels=2, logits=1, moods=1, objects=2,"
            + " records=1, rows=2, topics=2, vectors=1}",
        sizes.toString());
    assertEquals(
        Set.of("a good day", "a sad end"),
        objectsOf("objects", Mood.class).map(mood -> mood.text).collect(Collectors.toSet()));
    assertEquals(
        Set.of("POSITIVE", "NEGATIVE"),
        Set.copyOf(
            objectsOf("arguments", Row.class)
                .flatMap(row -> row.<Row>getArray("inference").stream())
                .map(row -> row.getString("label"))
                .collect(Collectors.toSet())));
  }

  private PCollection<Row> vectors() {
    Schema schema = Schema.builder().addInt64Field("id").addStringField("definition").build();
    Row row = Row.withSchema(schema).addValues(1L, "a program that waits").build();
    PCollection<Row> definitions =
        pipeline.apply("Definitions", Create.of(row).withRowSchema(schema));

    EmbeddingConfig embedding =
        HuggingFace.embedding().withModel(encoder).withInput("text", "definition");
    PCollection<Row> vectors = definitions.apply(embedding.at(service));
    // ROW{id INT64, definition STRING, inference ARRAY<FLOAT>, model_id STRING}
    return vectors;
  }

  private PCollection<Row> logits() {
    Schema schema = Schema.builder().addArrayField("input_ids", FieldType.INT64).build();
    Row row = Row.withSchema(schema).addValue(List.of(2L, 40L, 3L)).build();
    PCollection<Row> encoded = pipeline.apply("Encoded", Create.of(row).withRowSchema(schema));

    PCollection<Row> logits =
        encoded.apply(
            HuggingFace.tensor()
                .withModel(classifier)
                .withOutputs("logits:float32[1]")
                .withTensorEncoding("array")
                .at(service));
    // ROW{input_ids ARRAY<INT64>, inference ROW{logits ARRAY<FLOAT>}, model_id STRING}
    return logits;
  }

  private PCollection<String> labels(PCollection<Row> moods) {
    PCollection<String> labels =
        moods.apply(
            MapElements.into(TypeDescriptors.strings())
                .via(row -> row.getRow("inference").getString("label")));
    return labels;
  }

  private PCollection<Row> arguments(PCollection<String> lines) {
    PipelineConfig bothLabels =
        HuggingFace.pipeline("text-classification")
            .withModel(classifier)
            .withInferenceArgs(Map.of("top_k", 2));
    PipelineConfig topics =
        HuggingFace.pipeline("zero-shot-classification")
            .withModel(ranker)
            .withInferenceArgs(Map.of("candidate_labels", List.of("weather", "sport")));

    collect("topics", lines.apply("Topics", topics.at(service)));
    return lines.apply("BothLabels", bothLabels.at(service));
  }

  @DefaultSchema(JavaFieldSchema.class)
  public static class Mood {
    @SchemaFieldName("example")
    public String text;

    public Label inference;
  }

  private PCollection<Mood> objects(PCollection<String> lines) {
    PCollection<Mood> moods =
        lines.apply(
            "Objects",
            HuggingFace.pipeline("text-classification")
                .withModel(classifier)
                .at(service)
                .as(Mood.class));
    return moods;
  }

  @DefaultSchema(RecordSchema.class)
  record Review(long id, String text) {}

  record ReviewMood(long id, String text, Label inference) {}

  private PCollection<ReviewMood> records() {
    PCollection<Review> typedReviews =
        pipeline.apply("Reviews", Create.of(new Review(1, "a good day")));

    PCollection<ReviewMood> reviewMoods =
        typedReviews.apply(
            "Records",
            HuggingFace.pipeline("text-classification")
                .withModel(classifier)
                .at(service)
                .as(ReviewMood.class));
    return reviewMoods;
  }

  @Test
  void itsPositionsAreCodePoints() {
    Answer answer = new Answer(0.9, 2, 11, "the house");
    String part = answer.textIn("\ud83c\udf0a the house of my mother"); // start 2, end 11
    assertEquals("the house", part);
  }

  private PCollection<Row> keyed(PCollection<String> lines) {
    PCollection<KV<String, String>> reviews =
        lines.apply(
            MapElements.into(
                    TypeDescriptors.kvs(TypeDescriptors.strings(), TypeDescriptors.strings()))
                .via(line -> KV.of(line.substring(0, 1), line)));

    PCollection<Row> keyed =
        reviews.apply("Keyed", HuggingFace.embedding().withModel(encoder).at(service));
    // ROW{key STRING, example STRING, inference ARRAY<FLOAT>, model_id STRING}
    return keyed;
  }

  private PCollection<Row> document(PCollection<String> lines) {
    String json = "{\"transform\": \"embedding\", \"batching\": {\"max_batch_size\": 8}}";
    JsonConfig document = HuggingFace.fromJson(json).withModel(encoder);
    return lines.apply("Document", document.at(service));
  }

  private void errors() {
    PCollection<String> lines =
        pipeline.apply("Some", Create.of("a good day", "long ".repeat(100)));

    InferenceWithErrors classify =
        HuggingFace.pipeline("text-classification")
            .withModel(classifier)
            .withTruncation(false)
            .at(service)
            .withErrors("errors");
    PCollectionTuple results = lines.apply("Classify", classify);
    PCollection<Mood> moods = results.get(InferenceWithErrors.OUTPUT).apply(Results.to(Mood.class));
    PCollection<Row> failures = results.get(classify.errors());
    // ROW{failed_row ROW{example STRING}, error_message STRING, error_code STRING, model_id STRING}

    collect("moods", moods);
    collect("failures", failures);
  }

  @Test
  void aMistakeIsAnException() {
    PCollection<String> lines = pipeline.apply("Lines", Create.of("a good day"));

    String problem = "none";
    try {
      lines.apply(HuggingFace.pipeline("text-clasification").at(service));
    } catch (HuggingFaceException e) {
      problem = e.code() + " at " + e.path();
    }
    assertEquals("InvalidConfig at task", problem);
  }

  @Test
  void itsTlsIsTaken() {
    EmbeddingConfig embedding = HuggingFace.embedding().withModel(encoder);
    Inference embed =
        embedding.at(
            "models.example.com:8097",
            Tls.trusting(Path.of("ca.pem"))
                .withClientCertificate(Path.of("client.pem"), Path.of("client.key")));
    PCollection<String> lines = pipeline.apply("Lines", Create.of("a good day"));
    HuggingFaceException refusal =
        assertThrows(HuggingFaceException.class, () -> lines.apply(embed));
    assertTrue(refusal.getMessage().contains("ca.pem"), refusal.getMessage());
  }

  private <T> void collect(String name, PCollection<T> values) {
    CollectFn<T> collect = new CollectFn<>();
    values.apply("Collect " + name, ParDo.of(collect));
    collected.put(name, collect);
    schemas.add(values.hasSchema() ? TypeNames.show(values.getSchema()) : "");
  }

  private <T> Stream<T> objectsOf(String name, Class<T> type) {
    return collected.get(name).elements().stream().map(one -> type.cast(one.value));
  }

  /** The page's comments on what comes back. */
  private static Set<String> schemasOnPage() throws IOException {
    return Files.readAllLines(Checkout.file("docs/java.md")).stream()
        .filter(line -> line.startsWith("// ROW"))
        .map(line -> line.substring("// ".length()))
        .collect(Collectors.toSet());
  }

  private static String unindented(String text) {
    return text.lines().map(String::strip).collect(Collectors.joining("\n"));
  }
}
