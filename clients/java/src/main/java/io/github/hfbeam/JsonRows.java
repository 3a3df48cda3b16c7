package io.github.hfbeam;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.values.Row;

/**
 * Converts JSON objects to Beam rows. The schema follows from the values: strings, 64-bit integers,
 * doubles, booleans, rows and arrays. Null values are left out.
 */
final class JsonRows {

  private JsonRows() {}

  static Row toRow(ObjectNode object) {
    return toRow(object, schemaOf(object, ""));
  }

  /** Describes a value for errors: its type, and the value as the user wrote it. */
  static String describe(JsonNode node) {
    if (node.isNull()) {
      return "null";
    }
    String type = node.isPojo() ? "value" : node.getNodeType().toString().toLowerCase(Locale.ROOT);
    if (node.isIntegralNumber()) {
      type = "integer";
    }
    String text = node.toString();
    return type + " " + (text.length() <= 80 ? text : text.substring(0, 77) + "...");
  }

  private static Schema schemaOf(JsonNode object, String path) {
    Schema.Builder schema = Schema.builder();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      if (!field.getValue().isNull()) {
        schema.addField(field.getKey(), typeOf(field.getValue(), join(path, field.getKey())));
      }
    }
    return schema.build();
  }

  private static FieldType typeOf(JsonNode node, String path) {
    switch (node.getNodeType()) {
      case STRING:
        return FieldType.STRING;
      case BOOLEAN:
        return FieldType.BOOLEAN;
      case NUMBER:
        return numberTypeOf(node, path);
      case ARRAY:
        return FieldType.array(elementTypeOf(node, path));
      case OBJECT:
        return FieldType.row(schemaOf(node, path));
      default:
        throw invalid("expected a value, found " + describe(node), path);
    }
  }

  private static FieldType numberTypeOf(JsonNode node, String path) {
    if (!node.isIntegralNumber()) {
      return FieldType.DOUBLE;
    }
    if (!node.canConvertToLong()) {
      throw invalid("expected an integer of at most 64 bits, found " + describe(node), path);
    }
    return FieldType.INT64;
  }

  private static FieldType elementTypeOf(JsonNode array, String path) {
    // An empty array has no element type, so strings are as good a choice as any.
    FieldType first = FieldType.STRING;
    for (int i = 0; i < array.size(); i++) {
      FieldType type = typeOf(array.get(i), join(path, String.valueOf(i)));
      if (i == 0) {
        first = type;
      } else if (!type.equals(first)) {
        throw invalid(
            "expected elements of one type, found "
                + describe(array.get(0))
                + " and "
                + describe(array.get(i)),
            path);
      }
    }
    return first;
  }

  private static Row toRow(JsonNode object, Schema schema) {
    Row.Builder row = Row.withSchema(schema);
    for (Schema.Field field : schema.getFields()) {
      row.addValue(toValue(object.get(field.getName()), field.getType()));
    }
    return row.build();
  }

  private static Object toValue(JsonNode node, FieldType type) {
    switch (type.getTypeName()) {
      case STRING:
        return node.textValue();
      case BOOLEAN:
        return node.booleanValue();
      case INT64:
        return node.longValue();
      case DOUBLE:
        return node.doubleValue();
      case ARRAY:
        List<Object> values = new ArrayList<>();
        node.forEach(element -> values.add(toValue(element, type.getCollectionElementType())));
        return values;
      case ROW:
        return toRow(node, type.getRowSchema());
      default:
        throw new IllegalStateException("typeOf never returns " + type.getTypeName());
    }
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static HuggingFaceException invalid(String what, String path) {
    return HuggingFaceException.invalidConfig(what, path, "Correct the value.", null);
  }
}
