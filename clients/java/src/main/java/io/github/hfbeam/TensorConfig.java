package io.github.hfbeam;

import java.util.List;

/**
 * Any model class of the transformers library, on tensors of the pipeline's own: {@link
 * HuggingFace#tensor}.
 *
 * <p>A tensor is a field of the input row: an array of numbers, of any depth, or a row of {@code
 * dtype} (as numpy names it), {@code shape} (an array of INT64) and {@code data} (bytes in C order,
 * little-endian). {@code withMaxLength} and {@code withTruncation} are not for it.
 */
public final class TensorConfig extends HandlerConfig<TensorConfig> {

  TensorConfig(ConfigDocument document) {
    super(document);
  }

  @Override
  TensorConfig of(ConfigDocument document) {
    return new TensorConfig(document);
  }

  /**
   * The class that the model is loaded with.
   *
   * @param modelClass for example {@code "BertForMaskedLM"}; by default that of the model's own
   *     config
   * @return this config with that class
   */
  public TensorConfig withModelClass(String modelClass) {
    return with("model_class", modelClass);
  }

  /**
   * What is called.
   *
   * @param method {@code "forward"} (the default), or {@code "generate"} for models that make
   *     tokens from tokens
   * @return this config with that method
   */
  public TensorConfig withMethod(String method) {
    return with("method", method);
  }

  /**
   * What comes back.
   *
   * @param outputs names of the model's outputs; with arrays also their type and rank, as in {@code
   *     "logits:float32[1]"}. By default the usual ones of the model's class
   * @return this config with these outputs
   */
  public TensorConfig withOutputs(String... outputs) {
    return with("outputs", List.of(outputs));
  }

  /**
   * How tensors come back.
   *
   * @param encoding {@code "bytes"} (rows of dtype, shape and data; the default) or {@code "array"}
   * @return this config with that encoding
   */
  public TensorConfig withTensorEncoding(String encoding) {
    return with("tensor_encoding", encoding);
  }
}
