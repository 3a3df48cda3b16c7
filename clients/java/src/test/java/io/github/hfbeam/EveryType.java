package io.github.hfbeam;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.hfbeam.CollectFn.Timed;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Instant;

/** A row with a field of each type that results can have. */
final class EveryType {

  private EveryType() {}

  /** Runs a job that makes the row an instance of a class. */
  static <T> T receivedAs(Class<T> type, HfBeamService service) {
    Row row = row();
    List<Timed<T>> found =
        Job.run(
            service,
            pipeline ->
                pipeline
                    .apply(Create.of(row).withRowSchema(row.getSchema()))
                    .apply(Results.to(type)));
    assertEquals(1, found.size());
    return found.get(0).value;
  }

  private static Row row() {
    Schema inner = Schema.builder().addStringField("name").addNullableInt64Field("size").build();
    Schema schema =
        Schema.builder()
            .addStringField("not_wanted")
            .addNullableStringField("text")
            .addInt32Field("int_value")
            .addFloatField("number")
            .addByteArrayField("raw")
            .addDateTimeField("when")
            .addDecimalField("price")
            .addArrayField("vector", FieldType.FLOAT)
            .addArrayField("matrix", FieldType.array(FieldType.INT64))
            .addRowField("one", inner)
            .addNullableField("none", FieldType.row(inner))
            .addArrayField("many", FieldType.row(inner))
            .addArrayField("others", FieldType.row(inner))
            .addMapField("named", FieldType.STRING, FieldType.row(inner))
            .addMapField("counts", FieldType.STRING, FieldType.INT64)
            .build();
    Row small = Row.withSchema(inner).addValues("small", 1L).build();
    Row unknown = Row.withSchema(inner).addValues("unknown", null).build();
    return Row.withSchema(schema)
        .addValues("x", null, 7, 1.5f, new byte[] {0, -1}, new Instant(1_700_000_000_123L))
        .addValues(new BigDecimal("1.20"), List.of(0.1f), List.of(List.of(1L, 2L), List.of()))
        .addValues(small, null, List.of(small, unknown), List.of(unknown))
        .addValues(Map.of("s", small), Map.of("a", 1L))
        .build();
  }
}
