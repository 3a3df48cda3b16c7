package io.github.hfbeam;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hfbeam.CollectFn.Timed;
import io.github.hfbeam.results.Label;
import java.io.Serializable;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.annotation.Nullable;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldName;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Records are results and inputs, like classes with a Beam schema. */
@ExtendWith(HfBeamExtension.class)
class RecordTest {

  private final HfBeamService service;

  RecordTest(HfBeamService service) {
    this.service = service;
  }

  record Mood(@SchemaFieldName("model_id") String modelId, String text, Label inference) {}

  @DefaultSchema(RecordSchema.class)
  record Review(long id, String text, @Nullable String note, List<String> tags) {}

  record JudgedReview(Label inference, List<String> tags, @Nullable String note, long id) {}

  @Test
  void recordsAreInputsAndResults() {
    PipelineConfig classify =
        HuggingFace.pipeline()
            .withModel(service.tinyModel("text-classification"))
            .withInput("text", "text");
    Review review = new Review(7, "a good day", null, List.of("a", "b"));
    List<Timed<JudgedReview>> found =
        Job.run(
            service,
            pipeline ->
                pipeline
                    .apply(Create.of(review))
                    .apply(classify.at(service.address()).as(JudgedReview.class)));
    assertEquals(1, found.size());
    JudgedReview judged = found.get(0).value;
    assertEquals(new JudgedReview(judged.inference, review.tags, null, 7), judged);
    assertTrue(judged.inference.score > 0, judged.toString());
  }

  /** A record without a schema, which is an input if Beam has a coder for it. */
  record Plain(String text) implements Serializable {}

  @Test
  void aRecordWithoutASchemaIsAnInputIfBeamHasACoder() {
    PipelineConfig classify =
        HuggingFace.pipeline().withModel(service.tinyModel("text-classification"));
    List<Timed<Row>> found =
        Job.run(
            service,
            pipeline ->
                pipeline
                    .apply(Create.of(new Plain("a good day")))
                    .apply(classify.at(service.address())));
    assertEquals("a good day", found.get(0).value.getString("text"));
  }

  record Inner(String name, @Nullable Long size) {}

  private record Everything(
      Map<String, Inner> named,
      @Nullable String text,
      @SchemaFieldName("int_value") int intValue,
      float number,
      byte[] raw,
      Instant when,
      BigDecimal price,
      float[] vector,
      List<long[]> matrix,
      Inner one,
      @Nullable Inner none,
      List<Inner> many,
      Inner[] others,
      Map<String, Long> counts) {}

  @Test
  void valuesOfAllTypesArrive() {
    Everything one = EveryType.receivedAs(Everything.class, service);
    assertEquals(
        Arrays.asList(null, 7, 1.5f, new Instant(1_700_000_000_123L), new BigDecimal("1.20")),
        Arrays.asList(one.text, one.intValue, one.number, one.when, one.price));
    assertArrayEquals(new byte[] {0, -1}, one.raw);
    assertArrayEquals(new float[] {0.1f}, one.vector);
    assertArrayEquals(new long[] {1, 2}, one.matrix.get(0));
    assertEquals(2, one.matrix.size());
    Inner expected = new Inner("small", 1L);
    assertEquals(expected, one.one);
    assertEquals(null, one.none);
    assertEquals(List.of(expected, new Inner("unknown", null)), one.many);
    assertArrayEquals(new Inner[] {new Inner("unknown", null)}, one.others);
    assertEquals(Map.of("s", expected), one.named);
    assertEquals(Map.of("a", 1L), one.counts);
  }

  record OfSet(Set<String> tags) {}

  record Misfit(String text) {}

  @Test
  void aRecordThatDoesNotFitIsRefused() {
    Schema schema =
        Schema.builder()
            .addArrayField("tags", FieldType.STRING)
            .addNullableStringField("text")
            .build();
    assertRefused(schema, OfSet.class, "the component tags has the type Set");
    assertRefused(schema, Misfit.class, "expected STRING?, found STRING in Misfit - at text");
    assertRefused(schema, Mood.class, "expected one of the fields of ROW{");
  }

  private static void assertRefused(Schema schema, Class<?> type, String says) {
    HuggingFaceException refusal =
        assertThrows(
            HuggingFaceException.class,
            () -> Pipeline.create().apply(Create.empty(schema)).apply(Results.to(type)));
    assertEquals("InvalidOutputType", refusal.code());
    assertTrue(refusal.getMessage().contains(says), refusal.getMessage());
  }
}
