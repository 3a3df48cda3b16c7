package io.github.hfbeam.contract;

import java.util.stream.Collectors;
import org.apache.beam.model.pipeline.v1.SchemaApi;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.Schema.TypeName;
import org.apache.beam.sdk.schemas.SchemaTranslation;

/** Types as the service's docs and errors write them: {@code ROW{id INT64, text STRING?}}. */
final class TypeNotation {

  private final String text;
  private int position;

  TypeNotation(String text) {
    this.text = text;
  }

  static FieldType parse(String text) {
    TypeNotation notation = new TypeNotation(text);
    FieldType type = notation.type();
    notation.end();
    return type;
  }

  static String show(Schema schema) {
    // Of the proto, as the service does it: Java's own schemas name some types differently.
    return show(SchemaTranslation.schemaToProto(schema, true));
  }

  FieldType type() {
    FieldType type = withoutMark();
    return skip("?") ? type.withNullable(true) : type;
  }

  /** Whether the text goes on like this; then it is read. */
  boolean skip(String expected) {
    boolean found = text.startsWith(expected, position);
    position += found ? expected.length() : 0;
    return found;
  }

  void read(String expected) {
    if (!skip(expected)) {
      throw new IllegalArgumentException(
          "expected " + expected + " at character " + position + " of " + text);
    }
  }

  void end() {
    if (position < text.length()) {
      throw new IllegalArgumentException(
          "expected the end at character " + position + " of " + text);
    }
  }

  private FieldType withoutMark() {
    if (skip("ROW{")) {
      return FieldType.row(fields());
    }
    if (skip("ARRAY<")) {
      FieldType array = FieldType.array(type());
      read(">");
      return array;
    }
    if (skip("ITERABLE<")) {
      FieldType iterable = FieldType.iterable(type());
      read(">");
      return iterable;
    }
    if (skip("MAP<")) {
      FieldType key = type();
      read(", ");
      FieldType map = FieldType.map(key, type());
      read(">");
      return map;
    }
    return FieldType.of(TypeName.valueOf(word()));
  }

  private Schema fields() {
    Schema.Builder schema = Schema.builder();
    while (!skip("}")) {
      String name = word();
      read(" ");
      schema.addField(name, type());
      skip(", ");
    }
    return schema.build();
  }

  private String word() {
    int start = position;
    while (position < text.length() && " ,<>{}?".indexOf(text.charAt(position)) < 0) {
      position++;
    }
    return text.substring(start, position);
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
