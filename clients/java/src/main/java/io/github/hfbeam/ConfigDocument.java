package io.github.hfbeam;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.values.Row;

/**
 * A config as an immutable JSON object. Builders write it, users can provide it, and the service
 * receives it as a row. This class does not know what the fields mean, except {@code transform}.
 */
final class ConfigDocument implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final String TRANSFORM = "transform";
  private static final String NOT_JSON = "text that is not JSON, or that has a duplicate name";

  // These fields hold a JSON object as text, because its content has no fixed types. A config may
  // also hold the object itself.
  private static final List<String> TEXT_FIELDS = List.of("load_args", "inference_args");
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          // A config may be confidential, and parse errors end up in logs.
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .build();

  private final ObjectNode root;

  private ConfigDocument(ObjectNode root) {
    this.root = root;
  }

  static ConfigDocument of(String transform) {
    return new ConfigDocument(MAPPER.createObjectNode().put(TRANSFORM, transform));
  }

  static ConfigDocument parse(String json) {
    JsonNode node;
    try {
      node = MAPPER.readTree(Required.value(json, "config"));
    } catch (JsonProcessingException e) {
      throw notAnObject(NOT_JSON, e);
    }
    if (!node.isObject()) {
      throw notAnObject(node.isMissingNode() ? NOT_JSON : JsonRows.describe(node), null);
    }
    return new ConfigDocument((ObjectNode) node);
  }

  private static HuggingFaceException notAnObject(String found, Throwable cause) {
    return HuggingFaceException.invalidConfig(
        "expected a JSON object, found " + found,
        "config",
        "Give the config as one JSON object.",
        cause);
  }

  /** Converts values to a JSON object as text, for the fields that hold one. */
  static String json(Map<String, ?> values, String field) {
    try {
      return MAPPER.writeValueAsString(Required.value(values, field));
    } catch (JsonProcessingException e) {
      throw HuggingFaceException.invalidConfig(
          "expected values that JSON can represent, found one that it cannot ("
              + e.getOriginalMessage()
              + ")",
          field,
          "Use strings, numbers, booleans, lists and maps of these.",
          e);
    }
  }

  ConfigDocument with(String field, Object value) {
    ObjectNode copy = root.deepCopy();
    copy.set(field, value(value, field));
    return new ConfigDocument(copy);
  }

  ConfigDocument with(String section, String field, Object value) {
    ObjectNode fields = section(section);
    fields.set(Required.value(field, section), value(value, section + "." + field));
    return with(section, fields);
  }

  /** Returns a copy of a nested object, which a user's document may not have. */
  private ObjectNode section(String name) {
    JsonNode section = root.path(name);
    if (section.isMissingNode() || section.isNull()) {
      return MAPPER.createObjectNode();
    }
    if (!section.isObject()) {
      throw HuggingFaceException.invalidConfig(
          "expected an object, found " + JsonRows.describe(section),
          name,
          "Correct the document.",
          null);
    }
    return section.deepCopy();
  }

  private static JsonNode value(Object value, String path) {
    return MAPPER.valueToTree(Required.value(value, path));
  }

  String toJson() {
    return root.toString();
  }

  /** Returns the identifier of the transform that this config is for. */
  String identifier() {
    JsonNode transform = root.path(TRANSFORM);
    if (transform.isMissingNode() || transform.isNull()) {
      return "beam:schematransform:hf_beam:pipeline:v1";
    }
    if (!transform.isTextual()) {
      throw HuggingFaceException.invalidConfig(
          "expected a string, found " + JsonRows.describe(transform),
          TRANSFORM,
          "Name a transform: \"pipeline\", \"embedding\" or \"tensor\".",
          null);
    }
    return "beam:schematransform:hf_beam:" + transform.textValue() + ":v1";
  }

  /** Returns all fields except {@code transform}, as the row that the service expects. */
  Row toRow() {
    ObjectNode fields = root.deepCopy();
    fields.remove(TRANSFORM);
    for (String name : TEXT_FIELDS) {
      if (fields.path(name).isObject()) {
        fields.put(name, fields.get(name).toString());
      }
    }
    return JsonRows.toRow(fields);
  }
}
