package io.github.hfbeam;

import java.util.List;
import org.apache.beam.sdk.schemas.NoSuchSchemaException;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.transforms.Cast;
import org.apache.beam.sdk.schemas.transforms.Convert;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;

/**
 * Makes objects of a class of your own from the rows that come back: what {@link Inference#as}
 * does, for outputs that you have as rows.
 *
 * <pre>{@code
 * PCollectionTuple results = lines.apply(classify);  // with an error output
 * PCollection<Mood> moods = results.get(InferenceWithErrors.OUTPUT).apply(Results.to(Mood.class));
 * }</pre>
 *
 * <p>The class needs a Beam schema ({@code @DefaultSchema}), and any of the row's fields: those of
 * the input, {@code inference}, {@code model_id}. They have the row's names ({@code
 * SchemaFieldName} gives a field another than its own in Java) and types, those that may be null
 * are {@code @Nullable}, and rows inside the row are such classes again, for example those of
 * {@link io.github.hfbeam.results}.
 *
 * @param <T> the class
 */
public final class Results<T> extends PTransform<PCollection<Row>, PCollection<T>> {

  private static final long serialVersionUID = 1L;

  private final Class<T> type;

  private Results(Class<T> type) {
    this.type = type;
  }

  /**
   * To objects of a class.
   *
   * @param type the class; applying the transform throws a {@link HuggingFaceException}, {@code
   *     InvalidOutputType}, when it does not fit the rows
   * @param <T> the same
   * @return a transform from rows
   */
  public static <T> Results<T> to(Class<T> type) {
    return new Results<>(type);
  }

  @Override
  public PCollection<T> expand(PCollection<Row> rows) {
    Schema schema = schema(rows);
    new Fit(type).check(schema, rows.getSchema());
    // Checked above: Beam's own checks know no maps.
    return rows.apply("Select", Cast.of(schema, (from, to) -> List.of()))
        .apply("Convert", Convert.to(type));
  }

  private Schema schema(PCollection<Row> rows) {
    try {
      return rows.getPipeline().getSchemaRegistry().getSchema(type);
    } catch (NoSuchSchemaException | RuntimeException e) {
      throw HuggingFaceException.of(
          String.format(
              "InvalidOutputType: expected a class that Beam makes a schema of, found %s (%s). "
                  + "Annotate it, for example with @DefaultSchema(JavaFieldSchema.class).",
              type.getSimpleName(), e.getMessage()),
          e);
    }
  }
}
