package io.github.hfbeam;

import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.Schema.TypeName;

/** Types as the service's docs and errors write them: {@code ROW{id INT64, text STRING?}}. */
public final class TypeNotation {

  private final String text;
  private int position;

  public TypeNotation(String text) {
    this.text = text;
  }

  public static FieldType parse(String text) {
    TypeNotation notation = new TypeNotation(text);
    FieldType type = notation.type();
    notation.end();
    return type;
  }

  public static String show(Schema schema) {
    return TypeNames.show(schema);
  }

  public FieldType type() {
    FieldType type = withoutMark();
    return skip("?") ? type.withNullable(true) : type;
  }

  /** Whether the text goes on like this; then it is read. */
  public boolean skip(String expected) {
    boolean found = text.startsWith(expected, position);
    position += found ? expected.length() : 0;
    return found;
  }

  public void read(String expected) {
    if (!skip(expected)) {
      throw new IllegalArgumentException(
          "expected " + expected + " at character " + position + " of " + text);
    }
  }

  public void end() {
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
}
