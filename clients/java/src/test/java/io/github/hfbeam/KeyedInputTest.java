package io.github.hfbeam;

import static java.util.stream.Collectors.toList;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.hfbeam.CollectFn.Timed;
import java.io.Serializable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.BigDecimalCoder;
import org.apache.beam.sdk.coders.BigEndianLongCoder;
import org.apache.beam.sdk.coders.BigEndianShortCoder;
import org.apache.beam.sdk.coders.BooleanCoder;
import org.apache.beam.sdk.coders.ByteCoder;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.DoubleCoder;
import org.apache.beam.sdk.coders.FloatCoder;
import org.apache.beam.sdk.coders.InstantCoder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.RowCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.Field;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.WithKeys;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A KV becomes a row with its key. */
@ExtendWith(HfBeamExtension.class)
class KeyedInputTest {

  private static final Schema PLACE =
      Schema.of(Field.of("a.b", FieldType.INT32), Field.of("class", FieldType.STRING));
  private static final Row OSLO = Row.withSchema(PLACE).addValues(7, "Oslo").build();

  private final HfBeamService service;

  KeyedInputTest(HfBeamService service) {
    this.service = service;
  }

  @Test
  void aKeyComesBackWithItsTypeAndValue() {
    List<One<?>> keys =
        List.of(
            new One<>("a key", StringUtf8Coder.of(), FieldType.STRING),
            new One<>(Long.MIN_VALUE, VarLongCoder.of(), FieldType.INT64),
            new One<>(Long.MAX_VALUE, BigEndianLongCoder.of(), FieldType.INT64),
            new One<>(Integer.MIN_VALUE, VarIntCoder.of(), FieldType.INT32),
            new One<>(Short.MIN_VALUE, BigEndianShortCoder.of(), FieldType.INT16),
            new One<>(Byte.MIN_VALUE, ByteCoder.of(), FieldType.BYTE),
            new One<>(-0.0f, FloatCoder.of(), FieldType.FLOAT),
            new One<>(Double.MIN_VALUE, DoubleCoder.of(), FieldType.DOUBLE),
            new One<>(true, BooleanCoder.of(), FieldType.BOOLEAN),
            new One<>(new BigDecimal("-1.500"), BigDecimalCoder.of(), FieldType.DECIMAL),
            new One<>(new Instant(-1L), InstantCoder.of(), FieldType.DATETIME),
            new One<>(OSLO, RowCoder.of(PLACE), FieldType.row(PLACE)));
    Pipeline pipeline = Job.pipeline(service);
    List<CollectFn<Row>> collectors = new ArrayList<>();
    for (One<?> key : keys) {
      CollectFn<Row> collect = new CollectFn<>();
      pipeline.apply(key.withText()).apply(embed()).apply(ParDo.of(collect));
      collectors.add(collect);
    }
    Runner.run(pipeline);
    assertEquals(
        keys.stream().map(One::asRow).collect(toList()),
        collectors.stream()
            .map(collect -> firstTwo(collect.elements().get(0).value))
            .collect(toList()));
  }

  @Test
  void aKeyOfATypeThatOnlyJavaWritesPrecedesTheFieldsOfARow() {
    Schema schema =
        Schema.of(Field.of("meaning", FieldType.STRING), Field.of("n", FieldType.INT64));
    Row row = Row.withSchema(schema).addValues("a text", 5L).build();
    KvCoder<Integer, Row> coder = KvCoder.of(VarIntCoder.of(), RowCoder.of(schema));
    List<Timed<Row>> output =
        Job.run(
            service,
            pipeline -> pipeline.apply(Create.of(KV.of(-7, row)).withCoder(coder)).apply(embed()));
    assertEquals(List.of(-7, "a text", 5L), output.get(0).value.getValues().subList(0, 3));
  }

  @Test
  void aValueCanBeAnInstanceOfAClass() {
    List<Timed<Row>> output =
        Job.run(
            service,
            pipeline ->
                pipeline.apply(Create.of(definition())).apply(WithKeys.of("k")).apply(embed()));
    assertEquals("k", output.get(0).value.getString("key"));
    assertEquals("a text", output.get(0).value.getString("meaning"));
    assertEquals(3L, output.get(0).value.getInt64("id"));
  }

  @Test
  void aKeyCanBeAnInstanceOfAClass() {
    List<Timed<Row>> output =
        Job.run(
            service,
            pipeline -> pipeline.apply(Create.of(KV.of(definition(), "a text"))).apply(embed()));
    assertEquals("a text", output.get(0).value.getRow("key").getString("meaning"));
    assertEquals("a text", output.get(0).value.getString("example"));
  }

  @Test
  void aFieldOfTheValueThatIsCalledKeyIsRefused() {
    Schema schema = Schema.of(Field.of("key", FieldType.STRING));
    Row row = Row.withSchema(schema).addValue("a text").build();
    KvCoder<Integer, Row> coder = KvCoder.of(VarIntCoder.of(), RowCoder.of(schema));
    HuggingFaceException refusal =
        assertThrows(
            HuggingFaceException.class,
            () ->
                Job.pipeline(service)
                    .apply(Create.of(KV.of(1, row)).withCoder(coder))
                    .apply(embed()));
    assertEquals("InvalidInputSchema", refusal.code());
    assertEquals("key", refusal.path());
  }

  private Inference embed() {
    return HuggingFace.embedding()
        .withModel(service.tinyModel("feature-extraction"))
        .at(service.address());
  }

  private static Row firstTwo(Row row) {
    Schema schema = new Schema(row.getSchema().getFields().subList(0, 2));
    return Row.withSchema(schema).addValues(row.getValues().subList(0, 2)).build();
  }

  private static Definition definition() {
    Definition definition = new Definition();
    definition.id = 3;
    definition.meaning = "a text";
    return definition;
  }

  /** A key with its coder, and the type that it has in rows. */
  private static final class One<K> {
    final K key;
    final Coder<K> coder;
    final FieldType type;

    One(K key, Coder<K> coder, FieldType type) {
      this.key = key;
      this.coder = coder;
      this.type = type;
    }

    Create.Values<KV<K, String>> withText() {
      return Create.of(KV.of(key, "a text")).withCoder(KvCoder.of(coder, StringUtf8Coder.of()));
    }

    Row asRow() {
      Schema schema = Schema.of(Field.of("key", type), Field.of("example", FieldType.STRING));
      return Row.withSchema(schema).addValues(key, "a text").build();
    }
  }

  /** What a class of a user's may look like. */
  @DefaultSchema(JavaFieldSchema.class)
  public static final class Definition implements Serializable {
    private static final long serialVersionUID = 1L;

    public long id;
    public String meaning;
  }
}
