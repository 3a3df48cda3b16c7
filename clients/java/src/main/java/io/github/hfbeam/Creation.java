package io.github.hfbeam;

import java.lang.reflect.InvocationTargetException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.Field;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.Schema.LogicalType;
import org.apache.beam.sdk.transforms.SerializableFunction;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Instant;

/**
 * Tries whether Beam can create instances of a class from rows, and read their fields. Beam itself
 * tries it when the first row comes.
 */
final class Creation {

  private Creation() {}

  /**
   * Creates one instance, from zeros and empty strings.
   *
   * @throws HuggingFaceException {@code InvalidOutputType} if Beam cannot
   */
  static <T> void check(
      Class<T> type,
      Schema schema,
      SerializableFunction<Row, T> fromRow,
      SerializableFunction<T, Row> toRow) {
    try {
      Row row = toRow.apply(fromRow.apply(sample(schema)));
      for (int i = 0; i < schema.getFieldCount(); i++) {
        row.getValue(i);
      }
    } catch (LinkageError e) {
      throw refusal(type, e);
    } catch (RuntimeException e) {
      if (isOfBeam(e)) {
        throw refusal(type, e);
      }
      // The class itself does not accept the sample, so Beam has reached it.
    }
  }

  /** Says whether Beam failed to find or to generate what creates an instance. */
  private static boolean isOfBeam(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof ReflectiveOperationException
          && !(cause instanceof InvocationTargetException)) {
        return true;
      }
      for (StackTraceElement frame : cause.getStackTrace()) {
        if (frame.getClassName().startsWith("org.apache.beam.sdk.schemas.utils.")) {
          return true;
        }
      }
    }
    return false;
  }

  private static HuggingFaceException refusal(Class<?> type, Throwable error) {
    return HuggingFaceException.invalidOutputType(
        "expected a class that Beam can create, found "
            + type.getSimpleName()
            + " ("
            + error.getClass().getSimpleName()
            + ": "
            + HuggingFaceException.reason(error)
            + ")",
        "",
        "Make it and its nested classes public, static and not abstract, with a public constructor"
            + " that has no parameters, or with one that has @SchemaCreate and a parameter for each"
            + " field; compile the latter with -parameters. Or use a record.",
        error);
  }

  private static Row sample(Schema schema) {
    List<Object> values = new ArrayList<>();
    for (Field field : schema.getFields()) {
      values.add(sample(field.getType()));
    }
    return Row.withSchema(schema).attachValues(values);
  }

  private static Object sample(FieldType type) {
    switch (type.getTypeName()) {
      case BYTE:
        return (byte) 0;
      case INT16:
        return (short) 0;
      case INT32:
        return 0;
      case INT64:
        return 0L;
      case FLOAT:
        return 0f;
      case DOUBLE:
        return 0.0;
      case BOOLEAN:
        return false;
      case STRING:
        return "";
      case BYTES:
        return new byte[0];
      case DECIMAL:
        return BigDecimal.ZERO;
      case DATETIME:
        return Instant.EPOCH;
      case ARRAY:
      case ITERABLE:
        return List.of(sample(type.getCollectionElementType()));
      case MAP:
        return Map.of(sample(type.getMapKeyType()), sample(type.getMapValueType()));
      case ROW:
        return sample(type.getRowSchema());
      case LOGICAL_TYPE:
        return sampleOf(type.getLogicalType());
      default:
        throw new IllegalStateException("no sample for " + type);
    }
  }

  private static <InputT, BaseT> InputT sampleOf(LogicalType<InputT, BaseT> type) {
    @SuppressWarnings("unchecked") // The sample has the base type.
    BaseT base = (BaseT) sample(type.getBaseType());
    return type.toInputType(base);
  }
}
