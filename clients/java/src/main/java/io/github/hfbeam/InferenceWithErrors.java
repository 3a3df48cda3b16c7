package io.github.hfbeam;

import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TupleTag;

/**
 * Runs a model on each element, with a separate output for elements that fail; see {@link
 * Inference#withErrors}.
 *
 * <pre>{@code
 * InferenceWithErrors embed = HuggingFace.embedding()…at("localhost:8097").withErrors("errors");
 * PCollectionTuple results = texts.apply(embed);
 * PCollection<Row> vectors = results.get(InferenceWithErrors.OUTPUT);
 * PCollection<Row> errors = results.get(embed.errors());
 * }</pre>
 *
 * <p>Each element appears in exactly one of the two outputs. A row of the error output has the
 * fields {@code failed_row} (the input), {@code error_message}, {@code error_code} and {@code
 * model_id}.
 */
public final class InferenceWithErrors extends PTransform<PCollection<?>, PCollectionTuple> {

  /** The tag of the rows with results. */
  public static final TupleTag<Row> OUTPUT = new TupleTag<>("output");

  private static final long serialVersionUID = 1L;

  private final ConfigDocument config;
  private final Connection connection;
  private final TupleTag<Row> errors;

  InferenceWithErrors(ConfigDocument config, Connection connection, String errors) {
    this.config = config;
    this.connection = connection;
    this.errors = new TupleTag<>(errors);
  }

  /**
   * Returns the tag of the elements that failed.
   *
   * @return a tag with the name that was passed to {@link Inference#withErrors}
   */
  public TupleTag<Row> errors() {
    return errors;
  }

  @Override
  public PCollectionTuple expand(PCollection<?> input) {
    return Expansion.expand(input, config, connection);
  }
}
