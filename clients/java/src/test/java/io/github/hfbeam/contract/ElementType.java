package io.github.hfbeam.contract;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.hfbeam.TypeNotation;
import java.util.function.Function;
import org.apache.beam.sdk.coders.BooleanCoder;
import org.apache.beam.sdk.coders.ByteArrayCoder;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.DoubleCoder;
import org.apache.beam.sdk.coders.FloatCoder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.ListCoder;
import org.apache.beam.sdk.coders.NullableCoder;
import org.apache.beam.sdk.coders.RowCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarIntCoder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.values.KV;

/** What the elements of a collection are: rows, single values, or {@code KV<KEY, either>}. */
final class ElementType {

  private final Coder<Object> coder;
  private final Function<JsonNode, Object> reader;

  private ElementType(Coder<?> coder, Function<JsonNode, Object> reader) {
    @SuppressWarnings("unchecked") // The reader below makes what the coder takes.
    Coder<Object> own = (Coder<Object>) coder;
    this.coder = own;
    this.reader = reader;
  }

  static ElementType parse(String text) {
    TypeNotation notation = new TypeNotation(text);
    ElementType type = parse(notation);
    notation.end();
    return type;
  }

  Coder<Object> coder() {
    return coder;
  }

  Object read(JsonNode json) {
    return reader.apply(json);
  }

  private static ElementType parse(TypeNotation notation) {
    if (!notation.skip("KV<")) {
      FieldType type = notation.type();
      return new ElementType(coderOf(type), json -> JsonValues.fromJson(json, type));
    }
    ElementType key = parse(notation);
    notation.read(", ");
    ElementType value = parse(notation);
    notation.read(">");
    return new ElementType(
        KvCoder.of(key.coder(), value.coder()),
        json -> KV.of(key.read(json.get(0)), value.read(json.get(1))));
  }

  /** The coder that Beam gives such values in Java; other languages do not know all of them. */
  private static Coder<?> coderOf(FieldType type) {
    if (type.getNullable()) {
      return NullableCoder.of(coderOf(type.withNullable(false)));
    }
    switch (type.getTypeName()) {
      case ROW:
        return RowCoder.of(type.getRowSchema());
      case STRING:
        return StringUtf8Coder.of();
      case BYTES:
        return ByteArrayCoder.of();
      case BOOLEAN:
        return BooleanCoder.of();
      case INT32:
        return VarIntCoder.of();
      case INT64:
        return VarLongCoder.of();
      case FLOAT:
        return FloatCoder.of();
      case DOUBLE:
        return DoubleCoder.of();
      case ARRAY:
        return ListCoder.of(coderOf(type.getCollectionElementType()));
      default:
        throw new IllegalArgumentException("no coder for " + type);
    }
  }
}
