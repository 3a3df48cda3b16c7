package io.github.hfbeam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hfbeam.CollectFn.Timed;
import io.github.hfbeam.results.Entity;
import io.github.hfbeam.results.Label;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.annotation.Nullable;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.schemas.JavaBeanSchema;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldName;
import org.apache.beam.sdk.transforms.Create;
import org.joda.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows become objects of whatever class has some of their fields. */
@ExtendWith(HfBeamExtension.class)
class ResultsTest {

  private final HfBeamService service;

  ResultsTest(HfBeamService service) {
    this.service = service;
  }

  @Test
  void anAnswerIsAnObjectInsideAClassOfOnesOwn() {
    Mood mood = ask(config("text-classification"), Mood.class, "good news");
    assertEquals("good news", mood.example);
    assertTrue(mood.inference.score > 0 && mood.inference.score <= 1, mood.inference.toString());
    assertTrue(mood.modelId.startsWith("text-classification@sha256:"), mood.modelId);
  }

  @Test
  void severalAnswersAreAList() {
    String text = "\ud83c\udf0a \ud83c\udf0a the house of my mother";
    PipelineConfig allTokens =
        config("token-classification").withInferenceArgs(Map.of("ignore_labels", List.of()));
    Tokens tokens = ask(allTokens, Tokens.class, text);
    assertTrue(tokens.inference.size() > 3, tokens.inference.toString());
    for (Entity entity : tokens.inference) {
      if (!entity.word.equals("[UNK]")) {
        assertEquals(entity.word, entity.textIn(text));
      }
    }
  }

  @Test
  void valuesOfAllTypesArrive() {
    Everything one = EveryType.receivedAs(Everything.class, service);
    assertEquals(
        Arrays.asList(null, 7, 1.5f, new Instant(1_700_000_000_123L), new BigDecimal("1.20")),
        Arrays.asList(one.text, one.intValue, one.number, one.when, one.price));
    assertEquals(List.of((byte) 0, (byte) -1), List.of(one.raw[0], one.raw[1]));
    assertEquals(0.1f, one.vector[0]);
    assertEquals(List.of(List.of(1L, 2L), List.of()), one.matrix);
    assertEquals("small 1", one.one.toString());
    assertEquals(null, one.none);
    assertEquals("[small 1, unknown null]", one.many.toString());
    assertEquals("{s=small 1}", one.named.toString());
    assertEquals(Map.of("a", 1L), one.counts);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Unknown | label | expected one of the fields of ROW{example STRING?, inference ROW{label"
            + " STRING, score DOUBLE}}, found label in Unknown",
        "NotNullable | example | expected STRING?, found STRING in NotNullable - at example."
            + " Annotate it with @Nullable",
        "Deep | inference.score | expected DOUBLE, found FLOAT in Deep",
        "Bean | inference | expected some of the fields of ROW{label STRING, score DOUBLE}, found none"
            + " in Bean - at inference. Annotate the class and its nested classes in the same way",
        "Several | inference | expected ROW{label STRING, score DOUBLE}, found ARRAY<ROW{",
      })
  void aClassThatDoesNotFitIsRefusedWithItsField(String name, String path, String says)
      throws ClassNotFoundException {
    HuggingFaceException refusal = refusal(Class.forName(getClass().getName() + "$" + name));
    assertEquals("InvalidOutputType", refusal.code(), refusal.getMessage());
    assertEquals(path, refusal.path(), refusal.getMessage());
    assertTrue(refusal.getMessage().contains(says), refusal.getMessage());
  }

  @Test
  void aClassWithoutASchemaIsRefused() {
    HuggingFaceException refusal = refusal(StringBuilder.class);
    assertEquals("InvalidOutputType", refusal.code(), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("@DefaultSchema"), refusal.getMessage());
  }

  @Test
  void theRowsOfTheServiceAreCheckedWhenThePipelineIsBuilt() {
    HuggingFaceException refusal =
        assertThrows(
            HuggingFaceException.class,
            () ->
                Job.pipeline(service)
                    .apply(Create.of("a text"))
                    .apply(config("fill-mask").at(service.address()).as(Mood.class)));
    assertEquals("InvalidOutputType", refusal.code(), refusal.getMessage());
    assertEquals("inference", refusal.path(), refusal.getMessage());
  }

  private static HuggingFaceException refusal(Class<?> type) {
    Schema label = Schema.builder().addStringField("label").addDoubleField("score").build();
    Schema schema =
        Schema.builder().addNullableStringField("example").addRowField("inference", label).build();
    return assertThrows(
        HuggingFaceException.class,
        () -> Pipeline.create().apply(Create.empty(schema)).apply(Results.to(type)));
  }

  private <T> T ask(PipelineConfig config, Class<T> type, String text) {
    List<Timed<T>> found =
        Job.run(
            service,
            pipeline ->
                pipeline.apply(Create.of(text)).apply(config.at(service.address()).as(type)));
    assertEquals(1, found.size());
    return found.get(0).value;
  }

  private PipelineConfig config(String task) {
    return HuggingFace.pipeline(task).withModel(service.tinyModel(task));
  }

  @DefaultSchema(JavaFieldSchema.class)
  public static final class Mood {
    public String example;
    public Label inference;

    @SchemaFieldName("model_id")
    public String modelId;
  }

  @DefaultSchema(JavaFieldSchema.class)
  public static final class Tokens {
    public List<Entity> inference;
  }

  @DefaultSchema(JavaFieldSchema.class)
  public static final class Everything {
    @Nullable public String text;

    @SchemaFieldName("int_value")
    public int intValue;

    public float number;
    public byte[] raw;
    public Instant when;
    public BigDecimal price;
    public float[] vector;
    public List<List<Long>> matrix;
    public Inner one;
    @Nullable public Inner none;
    public List<Inner> many;
    public Map<String, Inner> named;
    public Map<String, Long> counts;
  }

  @DefaultSchema(JavaFieldSchema.class)
  public static final class Inner {
    public String name;
    @Nullable public Long size;

    @Override
    public String toString() {
      return name + " " + size;
    }
  }

  @DefaultSchema(JavaFieldSchema.class)
  public static final class Unknown {
    @Nullable public String label;
  }

  @DefaultSchema(JavaFieldSchema.class)
  public static final class NotNullable {
    public String example;
  }

  @DefaultSchema(JavaFieldSchema.class)
  public static final class Deep {
    public ShortScore inference;
  }

  @DefaultSchema(JavaFieldSchema.class)
  public static final class ShortScore {
    public float score;
  }

  @DefaultSchema(JavaFieldSchema.class)
  public static final class Several {
    public List<Label> inference;
  }

  @DefaultSchema(JavaBeanSchema.class)
  public static final class Bean {
    private Label inference;

    public Label getInference() {
      return inference;
    }

    public void setInference(Label inference) {
      this.inference = inference;
    }
  }
}
