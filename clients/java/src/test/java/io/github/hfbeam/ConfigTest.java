package io.github.hfbeam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Builders write the document that all languages share. */
class ConfigTest {

  @Test
  void anEmbeddingHasAllItsFields() {
    assertJson(
        "{'transform': 'embedding', 'model': 'm', 'revision': 'r', 'dtype': 'bfloat16',"
            + " 'device': 'cpu', 'max_length': 128, 'truncation': false,"
            + " 'load_args': '{\\'subfolder\\':\\'x\\'}', 'token': 'env:HF_TOKEN',"
            + " 'framework': 'pt', 'quantization': 'int8',"
            + " 'batching': {'max_batch_size': 8, 'max_tokens_per_batch': 4096,"
            + " 'max_wait_ms': 1500}, 'update': {'watch_revision': 'main', 'interval_s': 60},"
            + " 'resources': {'accelerator': 'type:nvidia-tesla-t4;count:1', 'min_ram': '8GiB'},"
            + " 'inputs': {'text': 'definition'}, 'pooling': 'cls', 'normalize': false,"
            + " 'prompt': 'query: ', 'dimensions': 64, 'vector_encoding': 'bytes'}",
        HuggingFace.embedding()
            .withModel("m")
            .withRevision("r")
            .withFramework("pt")
            .withDtype("bfloat16")
            .withQuantization("int8")
            .withDevice("cpu")
            .withMaxLength(128)
            .withTruncation(false)
            .withLoadArgs(Map.of("subfolder", "x"))
            .withToken("env:HF_TOKEN")
            .withMaxBatchSize(8)
            .withMaxTokensPerBatch(4096)
            .withMaxWait(Duration.ofMillis(1500))
            .withUpdate("main", Duration.ofMinutes(1))
            .withAccelerator("type:nvidia-tesla-t4;count:1")
            .withMinRam("8GiB")
            .withInput("text", "definition")
            .withPooling("cls")
            .withNormalize(false)
            .withPrompt("query: ")
            .withDimensions(64)
            .withVectorEncoding("bytes"));
  }

  @Test
  void aPipelineHasATaskAndArgumentsOfCalls() {
    assertJson(
        "{'transform': 'pipeline', 'task': 'text-classification',"
            + " 'inference_args': '{\\'top_k\\':3}'}",
        HuggingFace.pipeline("text-classification").withInferenceArgs(Map.of("top_k", 3)));
  }

  @Test
  void aTensorHasItsFields() {
    assertJson(
        "{'transform': 'tensor', 'model': 'm', 'model_class': 'BertModel', 'method': 'forward',"
            + " 'outputs': ['pooler_output:float32[1]'], 'tensor_encoding': 'array'}",
        HuggingFace.tensor()
            .withModel("m")
            .withModelClass("BertModel")
            .withMethod("forward")
            .withOutputs("pooler_output:float32[1]")
            .withTensorEncoding("array"));
  }

  @Test
  void aConfigNeverChanges() {
    EmbeddingConfig config = HuggingFace.embedding().withInput("text", "a");
    String before = config.toJson();
    config.withInput("text", "b").withModel("m");
    assertEquals(before, config.toJson());
  }

  @Test
  void aDocumentIsKeptAsItIs() {
    String json = "{\"model\":\"m\",\"what\":[1,2.5,null]}";
    assertEquals(json, HuggingFace.fromJson(json).toJson());
  }

  @Test
  void aDocumentCanBeRefined() {
    assertJson(
        "{'transform': 'embedding', 'model': 'other', 'batching': {'max_batch_size': 2}}",
        HuggingFace.fromJson("{\"transform\": \"embedding\", \"model\": \"m\"}")
            .withModel("other")
            .withMaxBatchSize(2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "model",
        "{",
        "[]",
        "null",
        "3",
        "{\"model\": \"m\"} x",
        "{\"a\": 1, \"a\": 2}"
      })
  void whatIsNoJsonObjectIsRefused(String text) {
    HuggingFaceException refusal =
        assertThrows(HuggingFaceException.class, () -> HuggingFace.fromJson(text));
    assertEquals("InvalidConfig", refusal.code());
    assertTrue(refusal.getMessage().contains("expected a JSON object, found"));
  }

  @Test
  void aTransformThatIsNoStringIsRefused() {
    HuggingFaceException refusal =
        assertThrows(
            HuggingFaceException.class,
            () -> ConfigDocument.parse("{\"transform\": 1}").identifier());
    assertEquals("transform", refusal.path());
  }

  @Test
  void argumentsThatJsonHasNotAreRefused() {
    HuggingFaceException refusal =
        assertThrows(
            HuggingFaceException.class,
            () -> HuggingFace.pipeline().withLoadArgs(Map.of("x", new Object())));
    assertEquals("InvalidConfig", refusal.code());
    assertEquals("load_args", refusal.path());
  }

  @Test
  void aDurationThatIsNotWholeIsRefused() {
    for (Duration wait : List.of(Duration.ofNanos(1_500_000), Duration.ofSeconds(Long.MAX_VALUE))) {
      HuggingFaceException refusal =
          assertThrows(HuggingFaceException.class, () -> HuggingFace.embedding().withMaxWait(wait));
      assertEquals("batching.max_wait_ms", refusal.path(), refusal.getMessage());
    }
    HuggingFaceException refusal =
        assertThrows(
            HuggingFaceException.class,
            () -> HuggingFace.embedding().withUpdate("main", Duration.ofMillis(1500)));
    assertEquals("update.interval_s", refusal.path(), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("expected a number of whole seconds, found PT1.5S"));
  }

  @Test
  void aSectionOfADocumentThatIsNoObjectIsNotReplaced() {
    HuggingFaceException refusal =
        assertThrows(
            HuggingFaceException.class,
            () -> HuggingFace.fromJson("{\"batching\": 8}").withMaxBatchSize(2));
    assertEquals("batching", refusal.path());
    assertTrue(refusal.getMessage().contains("expected an object, found integer 8"));
  }

  @Test
  void theTransformChoosesTheIdentifier() {
    assertEquals(
        "beam:schematransform:hf_beam:pipeline:v1", ConfigDocument.parse("{}").identifier());
    assertEquals(
        "beam:schematransform:hf_beam:embedding:v1", ConfigDocument.of("embedding").identifier());
  }

  private static void assertJson(String expected, HandlerConfig<?> config) {
    ObjectMapper mapper = new ObjectMapper();
    try {
      String json = expected.replace('\'', '"');
      assertEquals(mapper.readTree(json), mapper.readTree(config.toJson()));
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }
}
