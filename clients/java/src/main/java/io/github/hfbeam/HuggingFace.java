package io.github.hfbeam;

/**
 * The entry point of this library.
 *
 * <p>Each method returns a config. Refine it with its {@code with…} methods, and turn it into a
 * transform with {@link HandlerConfig#at}. The input is a collection of rows, strings or bytes, or
 * of key-value pairs with one of these as their value. The output is a row with all fields of the
 * input row (a plain element is the field {@code example}, a key the field {@code key}), then
 * {@code inference} with the model's result, then {@code model_id}, a string with the model and the
 * commit that produced the result. The schema is known while the pipeline is built.
 */
public final class HuggingFace {

  private HuggingFace() {}

  /**
   * Computes one vector per text.
   *
   * @return a config that still needs a {@linkplain HandlerConfig#withModel model}
   */
  public static EmbeddingConfig embedding() {
    return new EmbeddingConfig(ConfigDocument.of("embedding"));
  }

  /**
   * Runs the task that the model was made for.
   *
   * @return a config that still needs a {@linkplain HandlerConfig#withModel model}
   */
  public static PipelineConfig pipeline() {
    return new PipelineConfig(ConfigDocument.of("pipeline"));
  }

  /**
   * Runs a task of the transformers library, with its default model unless you name one.
   *
   * @param task for example {@code "text-classification"}
   * @return a config for this task
   */
  public static PipelineConfig pipeline(String task) {
    return pipeline().withTask(task);
  }

  /**
   * Runs any model class of the transformers library on tensors that the pipeline has prepared.
   *
   * @return a config that still needs a {@linkplain HandlerConfig#withModel model}
   */
  public static TensorConfig tensor() {
    return new TensorConfig(ConfigDocument.of("tensor"));
  }

  /**
   * Reads a config from a JSON document, which is the same in all languages.
   *
   * @param json an object with the fields of the config and, optionally, {@code "transform"}, the
   *     transform that the config is for; {@code "pipeline"} by default
   * @return the config; the service checks its fields when the transform is applied
   * @throws HuggingFaceException {@code InvalidConfig} if the text is not a JSON object
   */
  public static JsonConfig fromJson(String json) {
    return new JsonConfig(ConfigDocument.parse(json));
  }
}
