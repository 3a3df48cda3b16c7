package io.github.hfbeam;

/** Computes one vector per text; see {@link HuggingFace#embedding}. */
public final class EmbeddingConfig extends HandlerConfig<EmbeddingConfig> {

  EmbeddingConfig(ConfigDocument document) {
    super(document);
  }

  @Override
  EmbeddingConfig of(ConfigDocument document) {
    return new EmbeddingConfig(document);
  }

  /**
   * Sets how the vectors of a text's tokens are combined into one.
   *
   * @param pooling {@code "auto"} (as in the model's own files; the default), {@code "mean"},
   *     {@code "cls"}, {@code "max"} or {@code "last_token"}
   * @return this config with that pooling
   */
  public EmbeddingConfig withPooling(String pooling) {
    return with("pooling", pooling);
  }

  /**
   * Sets whether each vector is scaled to length 1, so that a dot product is a cosine.
   *
   * @param normalize by default, as the model's sentence-transformers files say
   * @return this config with or without normalization
   */
  public EmbeddingConfig withNormalize(boolean normalize) {
    return with("normalize", normalize);
  }

  /**
   * Puts a prompt before each text, for models that were trained with one.
   *
   * @param prompt for example {@code "query: "}
   * @return this config with that prompt
   */
  public EmbeddingConfig withPrompt(String prompt) {
    return with("prompt", prompt);
  }

  /**
   * Keeps only the first N values of each vector, for models that were trained for it.
   *
   * @param dimensions the number of values to keep
   * @return this config with shorter vectors
   */
  public EmbeddingConfig withDimensions(int dimensions) {
    return with("dimensions", dimensions);
  }

  /**
   * Sets the encoding of the vectors.
   *
   * @param encoding {@code "array"} (an array of floats; the default) or {@code "bytes"} (32-bit
   *     floats, little-endian: smaller and faster)
   * @return this config with that encoding
   */
  public EmbeddingConfig withVectorEncoding(String encoding) {
    return with("vector_encoding", encoding);
  }
}
