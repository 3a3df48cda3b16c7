package io.github.hfbeam;

import java.util.stream.Collectors;
import org.apache.beam.model.pipeline.v1.SchemaApi;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.SchemaTranslation;

/** Writes types as the service's docs and errors do: {@code ROW{id INT64, text STRING?}}. */
final class TypeNames {

  private TypeNames() {}

  static String show(Schema schema) {
    // Uses the proto, as the service does, because Java names some types differently.
    return show(SchemaTranslation.schemaToProto(schema, true));
  }

  static String show(FieldType type) {
    Schema schema = Schema.of(Schema.Field.of("one", type));
    return show(SchemaTranslation.schemaToProto(schema, true).getFields(0).getType());
  }

  private static String show(SchemaApi.Schema schema) {
    return schema.getFieldsList().stream()
        .map(field -> field.getName() + " " + show(field.getType()))
        .collect(Collectors.joining(", ", "ROW{", "}"));
  }

  private static String show(SchemaApi.FieldType type) {
    return showWithoutMark(type) + (type.getNullable() ? "?" : "");
  }

  private static String showWithoutMark(SchemaApi.FieldType type) {
    switch (type.getTypeInfoCase()) {
      case ATOMIC_TYPE:
        return type.getAtomicType().name();
      case ARRAY_TYPE:
        return "ARRAY<" + show(type.getArrayType().getElementType()) + ">";
      case ITERABLE_TYPE:
        return "ITERABLE<" + show(type.getIterableType().getElementType()) + ">";
      case MAP_TYPE:
        SchemaApi.MapType map = type.getMapType();
        return "MAP<" + show(map.getKeyType()) + ", " + show(map.getValueType()) + ">";
      case ROW_TYPE:
        return show(type.getRowType().getSchema());
      case LOGICAL_TYPE:
        return type.getLogicalType().getUrn();
      default:
        throw new IllegalArgumentException("no notation for " + type);
    }
  }
}
