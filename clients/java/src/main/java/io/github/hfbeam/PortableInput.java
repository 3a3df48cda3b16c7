package io.github.hfbeam;

import java.io.Serializable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.coders.BooleanCoder;
import org.apache.beam.sdk.coders.ByteArrayCoder;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.DoubleCoder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.RowCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.schemas.NoSuchSchemaException;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.SchemaCoder;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.SerializableFunction;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptor;
import org.apache.beam.sdk.values.TypeDescriptors;
import org.joda.time.Instant;

/**
 * Converts an input to what other languages read: neither Java's classes nor most of its coders.
 */
final class PortableInput {

  /** The types with a coder of Beam's model, which all languages read. */
  private static final Map<Class<?>, FieldType> IN_THE_MODEL =
      Map.of(
          StringUtf8Coder.class, FieldType.STRING,
          ByteArrayCoder.class, FieldType.BYTES,
          VarLongCoder.class, FieldType.INT64,
          DoubleCoder.class, FieldType.DOUBLE,
          BooleanCoder.class, FieldType.BOOLEAN);

  /** The types that have a coder only in Java, but that a row can have as a field. */
  private static final Map<Class<?>, FieldType> IN_ROWS =
      Map.of(
          Long.class, FieldType.INT64, // with another coder
          Integer.class, FieldType.INT32,
          Short.class, FieldType.INT16,
          Byte.class, FieldType.BYTE,
          Float.class, FieldType.FLOAT,
          BigDecimal.class, FieldType.DECIMAL,
          Instant.class, FieldType.DATETIME);

  private PortableInput() {}

  /** The input with the same elements; the input itself if other languages read it. */
  static PCollection<?> of(PCollection<?> input) {
    if (input.getCoder() instanceof KvCoder) {
      @SuppressWarnings("unchecked") // which the coder says
      PCollection<KV<Object, Object>> keyed = (PCollection<KV<Object, Object>>) input;
      return ofKeyed(keyed, (KvCoder<?, ?>) input.getCoder());
    }
    Part part = Part.of(input.getCoder(), input);
    return part.isConverted
        ? input
            .apply(
                "ToRows",
                MapElements.into(new TypeDescriptor<Object>() {}).via(part.convert::apply))
            .setCoder(part.coder)
        : input;
  }

  private static PCollection<?> ofKeyed(
      PCollection<KV<Object, Object>> input, KvCoder<?, ?> coder) {
    Part key = Part.of(coder.getKeyCoder(), input);
    Part value = Part.of(coder.getValueCoder(), input);
    FieldType keyType = IN_ROWS.get(coder.getKeyCoder().getEncodedTypeDescriptor().getRawType());
    if (!key.isPortable() && keyType != null && value.isPortable()) {
      Schema schema = keyed(keyType, value);
      return input
          .apply(
              "ToRows",
              MapElements.into(TypeDescriptors.rows())
                  .via(kv -> row(schema, kv.getKey(), value.convert.apply(kv.getValue()))))
          .setRowSchema(schema);
    }
    if (!key.isConverted && !value.isConverted) {
      return input;
    }
    return input
        .apply(
            "ToRows",
            MapElements.into(new TypeDescriptor<KV<Object, Object>>() {})
                .via(
                    kv ->
                        KV.of(key.convert.apply(kv.getKey()), value.convert.apply(kv.getValue()))))
        .setCoder(KvCoder.of(key.coder, value.coder));
  }

  /** The schema of rows that begin with a key. The service makes the same ones of other KVs. */
  private static Schema keyed(FieldType keyType, Part value) {
    Schema.Builder schema = Schema.builder().addField("key", keyType);
    if (!(value.coder instanceof SchemaCoder)) {
      return schema.addField("example", IN_THE_MODEL.get(value.coder.getClass())).build();
    }
    Schema fields = ((SchemaCoder<?>) value.coder).getSchema();
    if (fields.hasField("key")) {
      throw HuggingFaceException.of(
          "InvalidInputSchema: expected no field named key, which holds the key of the KV, "
              + "found one - at key. Rename the field before this transform.",
          null);
    }
    return schema.addFields(fields.getFields()).build();
  }

  private static Row row(Schema schema, Object key, Object value) {
    List<Object> values = new ArrayList<>(List.of(key));
    if (value instanceof Row) {
      values.addAll(((Row) value).getValues());
    } else {
      values.add(value);
    }
    return Row.withSchema(schema).attachValues(values);
  }

  /** The key or the value of a KV, as other languages read it. */
  private static final class Part implements Serializable {

    private static final long serialVersionUID = 1L;

    final Coder<Object> coder;
    final SerializableFunction<Object, Object> convert;
    final boolean isConverted;

    private Part(Coder<?> coder, SerializableFunction<?, ?> convert, boolean isConverted) {
      this.coder = unchecked(coder);
      this.convert = unchecked(convert);
      this.isConverted = isConverted;
    }

    static Part of(Coder<?> coder, PCollection<?> input) {
      if (isPortable(coder)) {
        return new Part(coder, value -> value, false);
      }
      TypeDescriptor<?> type = coder.getEncodedTypeDescriptor();
      if (RecordSchema.isRecord(type.getRawType())) {
        RecordSchema records = new RecordSchema();
        return new Part(RowCoder.of(records.schemaFor(type)), records.toRowFunction(type), true);
      }
      try {
        // The coder registry knows nothing of schemas, so the coder may be another one.
        SchemaCoder<?> ofClass =
            coder instanceof SchemaCoder
                ? (SchemaCoder<?>) coder
                : input
                    .getPipeline()
                    .getSchemaRegistry()
                    .getSchemaCoder(coder.getEncodedTypeDescriptor());
        return new Part(RowCoder.of(ofClass.getSchema()), ofClass.getToRowFunction(), true);
      } catch (NoSuchSchemaException e) {
        return new Part(coder, value -> value, false); // the service says what it expects
      }
    }

    boolean isPortable() {
      return isPortable(coder);
    }

    private static boolean isPortable(Coder<?> coder) {
      return coder instanceof RowCoder || IN_THE_MODEL.containsKey(coder.getClass());
    }

    @SuppressWarnings("unchecked") // The coder of a KV has the types of its key and value.
    private static <T> T unchecked(Object typed) {
      return (T) typed;
    }
  }
}
