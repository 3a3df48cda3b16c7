package io.github.hfbeam;

import java.util.List;

/**
 * Runs any model class of the transformers library on tensors that the pipeline has prepared; see
 * {@link HuggingFace#tensor}.
 *
 * <p>A tensor is a field of the input row: an array of numbers, nested to any depth, or a row of
 * {@code dtype} (the numpy name), {@code shape} (an array of INT64) and {@code data} (bytes in C
 * order, little-endian). {@code withMaxLength} and {@code withTruncation} are not supported.
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
   * Sets the class that the model is loaded with.
   *
   * @param modelClass for example {@code "BertForMaskedLM"}; by default, the class in the model's
   *     own config
   * @return this config with that class
   */
  public TensorConfig withModelClass(String modelClass) {
    return with("model_class", modelClass);
  }

  /**
   * Sets the method of the model to call.
   *
   * @param method {@code "forward"} (the default), or {@code "generate"} for models that generate
   *     tokens
   * @return this config with that method
   */
  public TensorConfig withMethod(String method) {
    return with("method", method);
  }

  /**
   * Sets the outputs to return.
   *
   * @param outputs names of the model's outputs; for arrays, also their type and rank, as in {@code
   *     "logits:float32[1]"}. By default, the usual outputs of the model's class
   * @return this config with these outputs
   */
  public TensorConfig withOutputs(String... outputs) {
    Required.value(outputs, "outputs");
    for (int i = 0; i < outputs.length; i++) {
      Required.value(outputs[i], "outputs." + i);
    }
    return with("outputs", List.of(outputs));
  }

  /**
   * Sets the encoding of the output tensors.
   *
   * @param encoding {@code "bytes"} (rows of dtype, shape and data; the default) or {@code "array"}
   * @return this config with that encoding
   */
  public TensorConfig withTensorEncoding(String encoding) {
    return with("tensor_encoding", encoding);
  }
}
