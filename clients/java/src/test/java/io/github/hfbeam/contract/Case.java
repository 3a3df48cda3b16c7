package io.github.hfbeam.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.hfbeam.HuggingFace;
import io.github.hfbeam.Inference;
import io.github.hfbeam.InferenceWithErrors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;

/** A config and the elements that it is asked about. */
final class Case {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final JsonNode json;

  Case(JsonNode json) {
    this.json = json;
  }

  String name() {
    return json.path("name").textValue();
  }

  /** Makes this case a branch of a pipeline, as a user would, and gives its outputs. */
  PCollectionTuple build(Pipeline pipeline, String service) {
    String document = document();
    Inference inference = HuggingFace.fromJson(document).at(service);
    String errors = errorOutput(document);
    PCollection<?> input = pipeline.apply(name() + ": input", elements());
    if (errors == null) {
      return PCollectionTuple.of(InferenceWithErrors.OUTPUT, input.apply(name(), inference));
    }
    return input.apply(name(), inference.withErrors(errors));
  }

  private String document() {
    JsonNode config = json.path("config");
    return config.isTextual() ? config.textValue() : config.toString();
  }

  /** The name of the output that a document asks for in the way it should; else null. */
  private static String errorOutput(String document) {
    try {
      JsonNode handling = MAPPER.readTree(document).path("error_handling");
      return handling.size() == 1 ? handling.path("output").textValue() : null;
    } catch (IOException e) {
      throw new IllegalStateException("the client took what is no JSON", e);
    }
  }

  private Create.Values<Object> elements() {
    ElementType type = ElementType.parse(json.path("input").path("type").textValue());
    List<Object> elements = new ArrayList<>();
    json.path("input").path("elements").forEach(element -> elements.add(type.read(element)));
    return Create.of(elements).withCoder(type.coder());
  }
}
