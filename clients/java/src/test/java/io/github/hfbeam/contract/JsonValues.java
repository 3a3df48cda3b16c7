package io.github.hfbeam.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.schemas.Schema.Field;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.Schema.TypeName;
import org.apache.beam.sdk.values.Row;

/** JSON as the values of Beam's types, and back. */
final class JsonValues {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private JsonValues() {}

  static Object fromJson(JsonNode json, FieldType type) {
    if (json.isNull() || json.isMissingNode()) {
      return null;
    }
    switch (type.getTypeName()) {
      case STRING:
        return json.textValue();
      case BOOLEAN:
        return json.booleanValue();
      case BYTE:
        return (byte) json.intValue();
      case INT16:
        return json.shortValue();
      case INT32:
        return json.intValue();
      case INT64:
        return json.longValue();
      case FLOAT:
        return json.floatValue();
      case DOUBLE:
        return json.doubleValue();
      case BYTES:
        return bytes(json);
      case ARRAY:
      case ITERABLE:
        List<Object> values = new ArrayList<>();
        json.forEach(value -> values.add(fromJson(value, type.getCollectionElementType())));
        return values;
      case MAP:
        Map<Object, Object> map = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : json.properties()) {
          map.put(
              keyFromJson(entry.getKey(), type.getMapKeyType()),
              fromJson(entry.getValue(), type.getMapValueType()));
        }
        return map;
      case ROW:
        Row.Builder row = Row.withSchema(type.getRowSchema());
        for (Field field : type.getRowSchema().getFields()) {
          row.addValue(fromJson(json.path(field.getName()), field.getType()));
        }
        return row.build();
      default:
        throw new IllegalArgumentException("no JSON for " + type);
    }
  }

  /** Keys of JSON are strings, whatever they stand for. */
  private static Object keyFromJson(String key, FieldType type) {
    return type.getTypeName() == TypeName.STRING
        ? key
        : fromJson(JSON.numberNode(Long.parseLong(key)), type);
  }

  static ObjectNode toJson(Row row) {
    ObjectNode json = JSON.objectNode();
    for (Field field : row.getSchema().getFields()) {
      json.set(field.getName(), toJson(row.getValue(field.getName()), field.getType()));
    }
    return json;
  }

  private static JsonNode toJson(Object value, FieldType type) {
    if (value == null) {
      return JSON.nullNode();
    }
    switch (type.getTypeName()) {
      case STRING:
        return JSON.textNode((String) value);
      case BOOLEAN:
        return JSON.booleanNode((Boolean) value);
      case BYTE:
      case INT16:
      case INT32:
      case INT64:
        return JSON.numberNode(((Number) value).longValue());
      case FLOAT:
        return JSON.numberNode((Float) value);
      case DOUBLE:
        return JSON.numberNode((Double) value);
      case BYTES:
        return JSON.binaryNode((byte[]) value);
      case ARRAY:
      case ITERABLE:
        ArrayNode array = JSON.arrayNode();
        ((Iterable<?>) value).forEach(v -> array.add(toJson(v, type.getCollectionElementType())));
        return array;
      case MAP:
        ObjectNode object = JSON.objectNode();
        ((Map<?, ?>) value)
            .forEach((k, v) -> object.set(String.valueOf(k), toJson(v, type.getMapValueType())));
        return object;
      case ROW:
        return toJson((Row) value);
      default:
        throw new IllegalArgumentException("no JSON for " + type);
    }
  }

  private static byte[] bytes(JsonNode json) {
    try {
      return json.binaryValue();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
