package io.github.hfbeam;

import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.Row;

/**
 * Runs a model on each element; see {@link HandlerConfig#at}.
 *
 * <p>An element that fails makes its bundle fail, as usual in Beam, unless there is an {@linkplain
 * #withErrors error output}. Rows keep the window and timestamp of their element.
 *
 * <p>Applying the transform throws a {@link HuggingFaceException} if the config or the input is not
 * valid, or if the service does not answer.
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
   * Sends elements that fail to a separate output, so that they do not make anything else fail.
   *
   * @param output the name of this output, for example {@code "errors"}
   * @return a transform with two outputs, {@link InferenceWithErrors#OUTPUT} and {@link
   *     InferenceWithErrors#errors}
   */
  public InferenceWithErrors withErrors(String output) {
    return new InferenceWithErrors(
        config.with("error_handling", "output", output), connection, output);
  }

  /**
   * Returns instances of your own class instead of rows, with the fields that you choose.
   *
   * @param type a class with a Beam schema, as {@link Results} describes
   * @param <T> the class
   * @return a transform to instances of the class; applying it throws a {@link
   *     HuggingFaceException}, {@code InvalidOutputType}, if the class does not match the rows
   */
  public <T> PTransform<PCollection<?>, PCollection<T>> as(Class<T> type) {
    Results<T> results = Results.to(type);
    return PTransform.compose(
        (PCollection<?> input) -> input.apply("Infer", this).apply("ToObjects", results));
  }

  @Override
  public PCollection<Row> expand(PCollection<?> input) {
    PCollectionTuple outputs = Expansion.expand(input, config, connection);
    if (outputs.getAll().size() > 1) {
      // Only a JSON config can name an error output here. Returning one output would lose rows.
      throw HuggingFaceException.invalidConfig(
          "expected a config without an error output, found one",
          "error_handling",
          "Remove it from the config and call withErrors(…) after at(…).",
          null);
    }
    return outputs.get(InferenceWithErrors.OUTPUT);
  }
}
