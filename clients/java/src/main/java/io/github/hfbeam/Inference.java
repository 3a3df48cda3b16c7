package io.github.hfbeam;

import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.Row;

/**
 * Asks a model about each element: {@link HandlerConfig#at}.
 *
 * <p>An element that fails fails its bundle, as everywhere in Beam, unless there is an {@linkplain
 * #withErrors error output}. Rows keep the window and timestamp of their element.
 *
 * <p>Applying it throws a {@link HuggingFaceException} when the config or the input does not fit,
 * or the service does not answer.
 */
public final class Inference extends PTransform<PCollection<?>, PCollection<Row>> {

  private static final long serialVersionUID = 1L;

  private final ConfigDocument config;
  private final Connection connection;

  Inference(ConfigDocument config, Connection connection) {
    this.config = config;
    this.connection = connection;
  }

  /**
   * Gives elements that fail an output of their own, so that they fail nothing else.
   *
   * @param output its name, for example {@code "errors"}
   * @return a transform with two outputs, {@link InferenceWithErrors#OUTPUT} and {@link
   *     InferenceWithErrors#errors}
   */
  public InferenceWithErrors withErrors(String output) {
    return new InferenceWithErrors(
        config.with("error_handling", "output", output), connection, output);
  }

  /**
   * Objects of a class of your own instead of rows, with the fields that you want.
   *
   * @param type a class with a Beam schema that {@link Results} describes
   * @param <T> the same
   * @return a transform to objects of the class; applying it throws a {@link HuggingFaceException},
   *     {@code InvalidOutputType}, when the class does not fit the rows
   */
  public <T> PTransform<PCollection<?>, PCollection<T>> as(Class<T> type) {
    return PTransform.compose(
        (PCollection<?> input) -> input.apply("Infer", this).apply("ToObjects", Results.to(type)));
  }

  @Override
  public PCollection<Row> expand(PCollection<?> input) {
    PCollectionTuple outputs = Expansion.expand(input, config, connection);
    if (outputs.getAll().size() > 1) {
      // Only a config from JSON comes here. Taking one output would lose the other's rows.
      throw HuggingFaceException.invalidConfig(
          "expected a config without an error output, found one",
          "error_handling",
          "Remove it from the config and call withErrors(…) after at(…).",
          null);
    }
    return outputs.get(InferenceWithErrors.OUTPUT);
  }
}
