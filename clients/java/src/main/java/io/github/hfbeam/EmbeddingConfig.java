package io.github.hfbeam;

/** One vector for each text: {@link HuggingFace#embedding}. */
public final class EmbeddingConfig extends HandlerConfig<EmbeddingConfig> {

  EmbeddingConfig(ConfigDocument document) {
    super(document);
  }

  @Override
  EmbeddingConfig of(ConfigDocument document) {
    return new EmbeddingConfig(document);
  }

  /**
   * How the vectors of a text's tokens become one.
   *
   * @param pooling {@code "auto"} (as the model's own files say; the default), {@code "mean"},
   *     {@code "cls"}, {@code "max"} or {@code "last_token"}
   * @return this config with that pooling
   */
  public EmbeddingConfig withPooling(String pooling) {
    return with("pooling", pooling);
  }

  /**
   * Whether vectors are scaled to length 1, so that their dot product is their cosine.
   *
   * @param normalize true by default
   * @return this config with or without scaling
   */
  public EmbeddingConfig withNormalize(boolean normalize) {
    return with("normalize", normalize);
  }

  /**
   * Text put before each input, for models that were trained with one.
   *
   * @param prompt for example {@code "query: "}
   * @return this config with that prompt
   */
  public EmbeddingConfig withPrompt(String prompt) {
    return with("prompt", prompt);
  }

  /**
   * Keeps only the first values of each vector, for models that were trained for it.
   *
   * @param dimensions how many
   * @return this config with shorter vectors
   */
  public EmbeddingConfig withDimensions(int dimensions) {
    return with("dimensions", dimensions);
  }

  /**
   * How vectors come back.
   *
   * @param encoding {@code "array"} (an array of floats; the default) or {@code "bytes"} (32-bit
   *     floats, little-endian: smaller and faster)
   * @return this config with that encoding
   */
  public EmbeddingConfig withVectorEncoding(String encoding) {
    return with("vector_encoding", encoding);
  }
}
