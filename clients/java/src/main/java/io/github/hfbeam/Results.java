package io.github.hfbeam;

import java.util.List;
import org.apache.beam.sdk.schemas.NoSuchSchemaException;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.SchemaRegistry;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.transforms.Cast;
import org.apache.beam.sdk.schemas.transforms.Convert;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;

/**
 * Converts the rows that come back to instances of your own class. {@link Inference#as} does the
 * same; use this class if you have an output as rows.
 *
 * <pre>{@code
 * PCollectionTuple results = lines.apply(classify);  // with an error output
 * PCollection<Mood> moods = results.get(InferenceWithErrors.OUTPUT).apply(Results.to(Mood.class));
 * }</pre>
 *
 * <p>The class is a record, or has a Beam schema ({@code @DefaultSchema}). It can have any of the
 * row's fields: the fields of the input, {@code inference} and {@code model_id}. Its fields have
 * the same names and types as in the row; {@code @SchemaFieldName} sets the name if the Java field
 * is called something else. Fields that may be null are {@code @Nullable}. Nested rows are such
 * classes again, for example those of {@link io.github.hfbeam.results}.
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
   * Creates a transform to instances of a class.
   *
   * @param type the class; applying the transform throws a {@link HuggingFaceException}, {@code
   *     InvalidOutputType}, if it does not match the rows
   * @param <T> the class
   * @return a transform from rows
   */
  public static <T> Results<T> to(Class<T> type) {
    if (type == null) {
      throw HuggingFaceException.invalidOutputType(
          "expected a class, found null", "", "Pass the class, for example Mood.class.", null);
    }
    return new Results<>(type);
  }

  @Override
  public PCollection<T> expand(PCollection<Row> rows) {
    SchemaRegistry registry = rows.getPipeline().getSchemaRegistry();
    Schema schema = schema(registry);
    new Fit(type).check(schema, rows.getSchema());
    checkCreation(schema, registry);
    // Already checked above; Beam's own checks do not support maps.
    return rows.apply("Select", Cast.of(schema, (from, to) -> List.of()))
        .apply("Convert", Convert.to(type));
  }

  private Schema schema(SchemaRegistry registry) {
    try {
      if (RecordSchema.isRecord(type) && !type.isAnnotationPresent(DefaultSchema.class)) {
        registry.registerSchemaProvider(type, new RecordSchema());
      }
      return registry.getSchema(type);
    } catch (NoSuchSchemaException | RuntimeException e) {
      throw HuggingFaceException.invalidOutputType(
          "expected a class with a Beam schema, found "
              + type.getSimpleName()
              + " ("
              + HuggingFaceException.reason(e)
              + ")",
          "",
          "Annotate it, for example with @DefaultSchema(JavaFieldSchema.class), or use a record.",
          e);
    }
  }

  private void checkCreation(Schema schema, SchemaRegistry registry) {
    try {
      Creation.check(
          type, schema, registry.getFromRowFunction(type), registry.getToRowFunction(type));
    } catch (NoSuchSchemaException e) {
      throw new IllegalStateException(e); // It has one, which was found just now.
    }
  }
}
