package io.github.hfbeam;

import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.Field;
import org.apache.beam.sdk.schemas.Schema.FieldType;

/** Whether a class can hold what is in rows. Beam says only that two schemas are not equivalent. */
final class Fit {

  private final Class<?> type;

  Fit(Class<?> type) {
    this.type = type;
  }

  /**
   * Compares the schema of the class with that of the rows.
   *
   * @throws HuggingFaceException {@code InvalidOutputType}, with the first field that does not fit
   */
  void check(Schema ofClass, Schema ofRows) {
    check(ofClass, ofRows, "");
  }

  private void check(Schema ofClass, Schema ofRows, String path) {
    if (ofClass.getFieldCount() == 0) {
      // What Beam sees in a class of fields inside a class of getters.
      throw misfit(
          "expected some of the fields of " + TypeNames.show(ofRows) + ", found none",
          path,
          "Annotate it and the classes inside it alike, for example with"
              + " @DefaultSchema(JavaFieldSchema.class), as those of this library are.");
    }
    for (Field field : ofClass.getFields()) {
      String name = field.getName();
      String place = path.isEmpty() ? name : path + "." + name;
      if (!ofRows.hasField(name)) {
        throw misfit(
            String.format(
                "expected fields of %s, found %s, which is none", TypeNames.show(ofRows), name),
            place,
            "Give it the name of one by @SchemaFieldName, or remove it.");
      }
      check(field.getType(), ofRows.getField(name).getType(), place);
    }
  }

  private void check(FieldType ofClass, FieldType ofRows, String path) {
    if (ofRows.getNullable() && !ofClass.getNullable()) {
      throw mismatch(
          ofClass,
          ofRows,
          path,
          "Annotate it with @Nullable; or remove it, where Beam sees no annotation: inside lists"
              + " and maps.");
    }
    if (ofClass.getTypeName() != ofRows.getTypeName()) {
      throw mismatch(ofClass, ofRows, path);
    }
    switch (ofRows.getTypeName()) {
      case ROW:
        check(ofClass.getRowSchema(), ofRows.getRowSchema(), path);
        break;
      case ARRAY:
      case ITERABLE:
        check(ofClass.getCollectionElementType(), ofRows.getCollectionElementType(), path);
        break;
      case MAP:
        check(ofClass.getMapKeyType(), ofRows.getMapKeyType(), path);
        check(ofClass.getMapValueType(), ofRows.getMapValueType(), path);
        break;
      default:
        if (!ofClass.withNullable(false).typesEqual(ofRows.withNullable(false))) {
          throw mismatch(ofClass, ofRows, path);
        }
    }
  }

  private HuggingFaceException mismatch(FieldType ofClass, FieldType ofRows, String path) {
    return mismatch(
        ofClass, ofRows, path, "Change the type in Java, or convert it in a DoFn after this.");
  }

  private HuggingFaceException mismatch(
      FieldType ofClass, FieldType ofRows, String path, String remedy) {
    return misfit(
        "expected " + TypeNames.show(ofRows) + ", found " + TypeNames.show(ofClass), path, remedy);
  }

  private HuggingFaceException misfit(String what, String path, String remedy) {
    return HuggingFaceException.of(
        String.format(
            "InvalidOutputType: %s in %s%s. %s",
            what, type.getSimpleName(), path.isEmpty() ? "" : " - at " + path, remedy),
        null);
  }
}
