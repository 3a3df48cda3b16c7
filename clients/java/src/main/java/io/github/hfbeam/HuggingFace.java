package io.github.hfbeam;

/**
 * Where every use of a model starts.
 *
 * <p>Each method gives a config that is refined with {@code with…} methods and made a transform by
 * {@link HandlerConfig#at}. Its input is a collection of rows, strings or bytes, or of key-value
 * pairs with one of these as their value. What comes back is a row: all fields of the input row (a
 * plain element is the field {@code example}, a key the field {@code key}), then {@code inference}
 * with the model's answer, then {@code model_id}, a string that says which commit of the model
 * answered. Its schema is known while the pipeline is built.
 */
public final class HuggingFace {

  private HuggingFace() {}

  /**
   * One vector for each text.
   *
   * @return a config that still needs a {@linkplain HandlerConfig#withModel model}
   */
  public static EmbeddingConfig embedding() {
    return new EmbeddingConfig(ConfigDocument.of("embedding"));
  }

  /**
   * The task that the model was made for.
   *
   * @return a config that still needs a {@linkplain HandlerConfig#withModel model}
   */
  public static PipelineConfig pipeline() {
    return new PipelineConfig(ConfigDocument.of("pipeline"));
  }

  /**
   * A task of the transformers library, with its default model unless one is named.
   *
   * @param task for example {@code "text-classification"}
   * @return a config for this task
   */
  public static PipelineConfig pipeline(String task) {
    return pipeline().withTask(task);
  }

  /**
   * Any model class of the transformers library, on tensors of the pipeline's own.
   *
   * @return a config that still needs a {@linkplain HandlerConfig#withModel model}
   */
  public static TensorConfig tensor() {
    return new TensorConfig(ConfigDocument.of("tensor"));
  }

  /**
   * The config that a JSON document holds, the same in all languages.
   *
   * @param json an object with the fields of the config and, optionally, {@code "transform"}: which
   *     transform it is for, {@code "pipeline"} when absent
   * @return the config; the service checks its fields when the transform is applied
   * @throws HuggingFaceException {@code InvalidConfig} when this is not one JSON object
   */
  public static JsonConfig fromJson(String json) {
    return new JsonConfig(ConfigDocument.parse(json));
  }
}
