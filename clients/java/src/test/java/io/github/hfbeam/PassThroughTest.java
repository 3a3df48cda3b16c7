package io.github.hfbeam;

import static java.util.stream.Collectors.toList;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.hfbeam.CollectFn.Timed;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.RowCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.Field;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.logicaltypes.EnumerationType;
import org.apache.beam.sdk.schemas.logicaltypes.FixedBytes;
import org.apache.beam.sdk.schemas.logicaltypes.FixedPrecisionNumeric;
import org.apache.beam.sdk.schemas.logicaltypes.FixedString;
import org.apache.beam.sdk.schemas.logicaltypes.MicrosInstant;
import org.apache.beam.sdk.schemas.logicaltypes.NanosDuration;
import org.apache.beam.sdk.schemas.logicaltypes.NanosInstant;
import org.apache.beam.sdk.schemas.logicaltypes.OneOfType;
import org.apache.beam.sdk.schemas.logicaltypes.SqlTypes;
import org.apache.beam.sdk.schemas.logicaltypes.UuidLogicalType;
import org.apache.beam.sdk.schemas.logicaltypes.VariableString;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.windowing.FixedWindows;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TimestampedValue;
import org.joda.time.Duration;
import org.joda.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the model does not read comes back as it was. */
@ExtendWith(HfBeamExtension.class)
class PassThroughTest {

  private static final Schema NESTED =
      Schema.builder().addStringField("name").addNullableField("size", FieldType.INT32).build();
  private static final Schema ALL =
      Schema.builder()
          .addInt64Field("id")
          .addStringField("text")
          .addNullableField("note", FieldType.STRING)
          .addByteField("byte")
          .addInt16Field("short")
          .addInt32Field("int")
          .addFloatField("float")
          .addDoubleField("double")
          .addBooleanField("flag")
          .addDateTimeField("when")
          .addDecimalField("price")
          .addByteArrayField("raw")
          .addLogicalTypeField("hash", FixedBytes.of(4))
          .addLogicalTypeField("code", VariableString.of(8))
          .addRowField("nested", NESTED)
          .addArrayField("rows", FieldType.row(NESTED))
          .addMapField("counts", FieldType.STRING, FieldType.INT64)
          .build();

  /** Types of which Python does not have all values. */
  private static final Schema WIDE =
      Schema.builder()
          .addInt64Field("id")
          .addStringField("text")
          .addDecimalField("price")
          .addLogicalTypeField("fixed", FixedPrecisionNumeric.of(38, 9))
          .addLogicalTypeField("day", SqlTypes.DATE)
          .addDateTimeField("when")
          .addLogicalTypeField("micros", new MicrosInstant())
          .addLogicalTypeField("code", FixedString.of(3))
          .addFloatField("float")
          .addDoubleField("double")
          .addMapField("by_number", FieldType.DOUBLE, FieldType.INT64)
          .addMapField("by_decimal", FieldType.DECIMAL, FieldType.INT64)
          .addMapField("by_list", FieldType.array(FieldType.INT64), FieldType.STRING)
          .build();

  private static final EnumerationType MOODS = EnumerationType.create("calm", "not so calm");
  private static final OneOfType EITHER =
      OneOfType.create(Field.of("number", FieldType.INT32), Field.of("a.b", FieldType.row(NESTED)));

  /** Types that Python does not know. */
  private static final Schema OF_JAVA =
      Schema.builder()
          .addInt64Field("id")
          .addStringField("text")
          .addLogicalTypeField("mood", MOODS)
          .addLogicalTypeField("either", EITHER)
          .addLogicalTypeField("uuid", new UuidLogicalType())
          .addLogicalTypeField("time", SqlTypes.TIME)
          .addLogicalTypeField("datetime", SqlTypes.DATETIME)
          .addLogicalTypeField("instant", new NanosInstant())
          .addLogicalTypeField("duration", new NanosDuration())
          .addLogicalTypeField("own", new Celsius())
          .addNullableField("no_uuid", FieldType.logicalType(new UuidLogicalType()))
          .addArrayField("moods", FieldType.logicalType(MOODS))
          .addArrayField("times", FieldType.logicalType(SqlTypes.TIME).withNullable(true))
          .addMapField(
              "by_mood", FieldType.logicalType(MOODS), FieldType.logicalType(new Celsius()))
          .build();

  /** Names that Python does not have, or takes for one. */
  private static final List<String> NAMES =
      List.of(
          "class",
          "from",
          "_id",
          "a.b",
          "a[]",
          "x y",
          "",
          "os.system",
          "1st",
          "\ufb01",
          "fi",
          "\uff49nference");

  private final HfBeamService service;

  PassThroughTest(HfBeamService service) {
    this.service = service;
  }

  @Test
  void rowsKeepTheirValuesWindowsAndTimestamps() {
    List<TimestampedValue<Row>> input =
        List.of(at(0, full(0)), at(10_123, full(1)), at(59_999, sparse(2)), at(70_000, sparse(3)));
    List<Timed<Row>> output =
        Job.run(
            service,
            pipeline ->
                pipeline
                    .apply(Create.timestamped(input).withCoder(RowCoder.of(ALL)))
                    .apply(Window.into(FixedWindows.of(Duration.standardMinutes(1))))
                    .apply(embed()));

    assertEquals(input.size(), output.size());
    Map<Long, Timed<Row>> byId =
        output.stream().collect(Collectors.toMap(o -> o.value.getInt64("id"), o -> o));
    FixedWindows windows = FixedWindows.of(Duration.standardMinutes(1));
    for (TimestampedValue<Row> expected : input) {
      Timed<Row> found = byId.get(expected.getValue().getInt64("id"));
      assertEquals(expected.getValue(), inputOf(found.value, ALL));
      assertEquals(expected.getTimestamp(), found.timestamp);
      assertEquals(windows.assignWindow(expected.getTimestamp()), found.window);
    }
  }

  @Test
  void valuesThatPythonDoesNotHaveAreKept() {
    String digits = "1234567890".repeat(6);
    List<Row> input =
        List.of(
            wide(0, "12345678901234567890.123456789", LocalDate.MIN, Float.NaN, Double.NaN),
            wide(1, digits, LocalDate.of(0, 1, 1), -0.0f, -0.0),
            wide(2, "-0." + digits, LocalDate.of(1, 1, 1), Float.MIN_VALUE, Double.MIN_VALUE),
            wide(3, "1E+5", LocalDate.of(9999, 12, 31), Float.MAX_VALUE, Double.MAX_VALUE),
            wide(4, "-12E+" + Integer.MAX_VALUE, LocalDate.of(10_000, 1, 1), 0.1f, 0.1),
            wide(5, "0E-" + Integer.MAX_VALUE, LocalDate.MAX, Float.POSITIVE_INFINITY, -1e-310));
    assertUnchanged(input, WIDE, embed());
  }

  @Test
  void valuesOfTypesThatPythonDoesNotKnowAreKept() {
    List<Row> input =
        List.of(
            ofJava(
                0,
                MOODS.valueOf(1),
                EITHER.createValue("number", Integer.MIN_VALUE),
                LocalTime.MAX,
                java.time.Instant.MAX),
            ofJava(
                1,
                MOODS.valueOf("calm"),
                EITHER.createValue("a.b", nested("c", null)),
                LocalTime.MIN,
                java.time.Instant.MIN));
    assertUnchanged(input, OF_JAVA, embed());
  }

  @Test
  void fieldsHaveAnyName() {
    Schema inner =
        new Schema(NAMES.stream().map(name -> Field.of(name, FieldType.INT64)).collect(toList()));
    Row innerRow =
        Row.withSchema(inner)
            .addValues(
                (Object[]) NAMES.stream().map(name -> (long) name.length()).toArray(Long[]::new))
            .build();
    Schema.Builder schema =
        Schema.builder()
            .addInt64Field("id")
            .addRowField("in a row", inner)
            .addArrayField("in an array[]", FieldType.row(inner))
            .addMapField("in.a.map", FieldType.STRING, FieldType.row(inner));
    NAMES.forEach(schema::addStringField);
    Row.Builder row =
        Row.withSchema(schema.build())
            .addValues(0L, innerRow, List.of(innerRow), Map.of("k", innerRow));
    NAMES.forEach(name -> row.addValue("a text in " + name));
    Inference embed =
        HuggingFace.embedding()
            .withModel(service.tinyModel("feature-extraction"))
            .withInput("text", "a.b")
            .at(service.address());
    assertUnchanged(List.of(row.build()), schema.build(), embed);
  }

  private void assertUnchanged(List<Row> input, Schema schema, Inference inference) {
    List<Timed<Row>> output =
        Job.run(
            service,
            pipeline ->
                pipeline.apply(Create.of(input).withCoder(RowCoder.of(schema))).apply(inference));
    assertEquals(
        input,
        output.stream()
            .map(found -> inputOf(found.value, schema))
            .sorted(Comparator.comparing(row -> row.getInt64("id")))
            .collect(toList()));
  }

  private static Row ofJava(
      long id,
      EnumerationType.Value mood,
      OneOfType.Value either,
      LocalTime time,
      java.time.Instant instant) {
    UUID uuid = new UUID(Long.MIN_VALUE, id);
    return Row.withSchema(OF_JAVA)
        .addValues(id, "text " + id, mood, either, uuid, time)
        .addValues(LocalDateTime.of(id == 0 ? LocalDate.MAX : LocalDate.MIN, time), instant)
        .addValues(java.time.Duration.ofSeconds(Long.MIN_VALUE, 999_999_999), -273.15 + id)
        .addValue(id == 0 ? null : uuid)
        .addArray(MOODS.valueOf(0), MOODS.valueOf(1))
        .addValue(Arrays.asList(time, null))
        .addValue(Map.of(mood, 1.5))
        .build();
  }

  /** A logical type of a user's own. */
  public static final class Celsius implements Schema.LogicalType<Double, Long> {

    private static final long serialVersionUID = 1L;

    @Override
    public String getIdentifier() {
      return "com.example:celsius";
    }

    @Override
    public FieldType getArgumentType() {
      return FieldType.STRING;
    }

    @Override
    @SuppressWarnings("unchecked") // a string, as its type says
    public <T> T getArgument() {
      return (T) "an argument";
    }

    @Override
    public FieldType getBaseType() {
      return FieldType.INT64;
    }

    @Override
    public Long toBaseType(Double value) {
      return Double.doubleToRawLongBits(value);
    }

    @Override
    public Double toInputType(Long base) {
      return Double.longBitsToDouble(base);
    }
  }

  @Test
  void aPlainStringIsTheFieldExample() {
    List<Timed<Row>> output =
        Job.run(service, pipeline -> pipeline.apply(Create.of("a text")).apply(embed()));
    assertEquals(List.of("example", "inference", "model_id"), names(output));
    assertEquals("a text", output.get(0).value.getString("example"));
  }

  @Test
  void aKeyIsTheFieldKey() {
    List<Timed<Row>> output =
        Job.run(
            service,
            pipeline ->
                pipeline
                    .apply(
                        Create.of(KV.of(7L, "a text"))
                            .withCoder(KvCoder.of(VarLongCoder.of(), StringUtf8Coder.of())))
                    .apply(embed()));
    assertEquals(List.of("key", "example", "inference", "model_id"), names(output));
    assertEquals(7L, output.get(0).value.getInt64("key"));
  }

  @Test
  void aClassWithASchemaIsARow() {
    Definition definition = new Definition();
    definition.term = "a term";
    definition.meaning = "a text";
    Inference embed =
        HuggingFace.embedding()
            .withModel(service.tinyModel("feature-extraction"))
            .withInput("text", "meaning")
            .at(service.address());
    List<Timed<Row>> output =
        Job.run(service, pipeline -> pipeline.apply(Create.of(definition)).apply(embed));
    assertEquals(Set.of("term", "meaning", "inference", "model_id"), Set.copyOf(names(output)));
    assertEquals("a term", output.get(0).value.getString("term"));
  }

  private Inference embed() {
    return HuggingFace.embedding()
        .withModel(service.tinyModel("feature-extraction"))
        .at(service.address());
  }

  private static TimestampedValue<Row> at(long millis, Row row) {
    return TimestampedValue.of(row, new Instant(millis));
  }

  private static Row full(long id) {
    return row(id, "a note", nested("a", 1));
  }

  private static Row sparse(long id) {
    return row(id, null, nested("b", null));
  }

  private static Row row(long id, String note, Row nested) {
    Map<String, Long> counts = new HashMap<>(Map.of("x", 1L, "y", Long.MIN_VALUE));
    return Row.withSchema(ALL)
        .addValues(id, "text " + id, note, (byte) -1, (short) 2, 3, 1.5f, Math.PI, true)
        .addValues(new Instant(1_700_000_000_123L), new BigDecimal("12345678901234567890.120"))
        .addValues(new byte[] {0, -1}, new byte[] {1, 2, 3, 4}, "code", nested)
        .addArray(nested, nested)
        .addValue(counts)
        .build();
  }

  private static Row wide(long id, String price, LocalDate day, float small, double large) {
    boolean even = id % 2 == 0;
    BigDecimal fixed = new BigDecimal("-12345678901234567890123456789.123456789");
    return Row.withSchema(WIDE)
        .addValues(id, "text " + id, new BigDecimal(price), fixed, day)
        .addValues(new Instant(even ? Long.MIN_VALUE : Long.MAX_VALUE))
        .addValues(
            java.time.Instant.ofEpochSecond(
                even ? -31557014167219200L : 31556889864403199L, 999_999_000))
        .addValues("a\ud83d\ude00", small, large)
        .addValue(Map.of(0.0, 1L, -0.0, 2L, Double.NaN, 3L))
        .addValue(Map.of(new BigDecimal("1.0"), 1L, new BigDecimal("1.00"), 2L))
        .addValue(Map.of(List.of(1L, 2L), "two", List.of(), "none"))
        .build();
  }

  private static Row nested(String name, Integer size) {
    return Row.withSchema(NESTED).addValues(name, size).build();
  }

  /** The part of an output row that came in, with the types that came out. */
  private static Row inputOf(Row output, Schema input) {
    List<Field> fields =
        output.getSchema().getFields().stream()
            .filter(field -> input.hasField(field.getName()))
            .collect(Collectors.toList());
    Row.Builder row = Row.withSchema(new Schema(fields));
    fields.forEach(field -> row.addValue(output.getValue(field.getName())));
    return row.build();
  }

  private static List<String> names(List<Timed<Row>> output) {
    return output.get(0).value.getSchema().getFieldNames();
  }

  /** What a class of a user's may look like. */
  @DefaultSchema(JavaFieldSchema.class)
  public static final class Definition {
    public String term;
    public String meaning;
  }
}
