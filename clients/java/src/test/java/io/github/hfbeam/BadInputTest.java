package io.github.hfbeam;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Each mistake is one clear exception while the pipeline is built. */
@ExtendWith(HfBeamExtension.class)
class BadInputTest {

  private final HfBeamService service;

  BadInputTest(HfBeamService service) {
    this.service = service;
  }

  @Test
  void anUnknownTransformIsRefused() {
    assertRefused(
        HuggingFace.fromJson("{\"transform\": \"foo\"}"), "UnknownTransform", "transform");
  }

  @Test
  void anUnknownFieldIsRefused() {
    String json = "{\"transform\": \"embedding\", \"model\": \"x\", \"pooling_mode\": \"cls\"}";
    assertRefused(HuggingFace.fromJson(json), "InvalidConfig", "pooling_mode");
  }

  @Test
  void anUnknownFieldInsideAnotherIsRefused() {
    String json = "{\"model\": \"x\", \"batching\": {\"size\": 8}}";
    assertRefused(HuggingFace.fromJson(json), "InvalidConfig", "batching.size");
  }

  @Test
  void aValueOfTheWrongTypeIsRefused() {
    HuggingFaceException refusal =
        assertRefused(
            HuggingFace.fromJson("{\"model\": \"x\", \"truncation\": \"yes\"}"),
            "InvalidConfig",
            "truncation");
    assertTrue(refusal.getMessage().contains("expected true or false, found string \"yes\""));
  }

  @Test
  void neitherTaskNorModelIsRefused() {
    assertRefused(HuggingFace.pipeline(), "InvalidConfig", "model");
  }

  @Test
  void aTaskThatDoesNotExistIsRefused() {
    assertRefused(HuggingFace.pipeline("text-clasification"), "InvalidConfig", "task");
  }

  @Test
  void aModelThatDoesNotExistIsRefused() {
    String model = service.tinyModel("no-such-model");
    assertRefused(HuggingFace.embedding().withModel(model), "ModelNotFound", "model");
  }

  @Test
  void aModelThatTheOperatorDoesNotAllowIsRefused() {
    assertRefused(HuggingFace.embedding().withModel("/etc"), "ModelNotAllowed", "model");
  }

  @Test
  void anInputWithoutAUsableFieldIsRefused() {
    Schema numbers = Schema.builder().addInt64Field("number").build();
    Row row = Row.withSchema(numbers).addValue(1L).build();
    HuggingFaceException refusal =
        assertThrows(
            HuggingFaceException.class,
            () ->
                Job.pipeline(service)
                    .apply(Create.of(row).withRowSchema(numbers))
                    .apply(embedding().at(service.address())));
    assertEquals("InvalidInputSchema", refusal.code(), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("number"), refusal.getMessage());
  }

  @Test
  void rawBytesAreNoText() {
    HuggingFaceException refusal =
        assertThrows(
            HuggingFaceException.class,
            () ->
                Job.pipeline(service)
                    .apply(Create.of(new byte[] {1}))
                    .apply(embedding().at(service.address())));
    assertEquals("InvalidInputSchema", refusal.code(), refusal.getMessage());
  }

  @Test
  void anErrorOutputThatNobodyTakesIsRefused() {
    String json =
        embedding().toJson().replace("}", ", \"error_handling\": {\"output\": \"errors\"}}");
    assertRefused(HuggingFace.fromJson(json), "InvalidConfig", "error_handling");
  }

  private EmbeddingConfig embedding() {
    return HuggingFace.embedding().withModel(service.tinyModel("feature-extraction"));
  }

  private HuggingFaceException assertRefused(HandlerConfig<?> config, String code, String path) {
    HuggingFaceException refusal =
        assertThrows(
            HuggingFaceException.class,
            () ->
                Job.pipeline(service)
                    .apply(Create.of("a text"))
                    .apply(config.at(service.address())));
    String message = refusal.getMessage();
    assertAll(
        () -> assertEquals(code, refusal.code(), message),
        () -> assertEquals(path, refusal.path(), message),
        () -> assertTrue(message.startsWith(code + ": "), message),
        () -> assertFalse(message.contains("Traceback"), message));
    return refusal;
  }
}
