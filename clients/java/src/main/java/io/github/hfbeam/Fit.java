package io.github.hfbeam;

import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.Field;
import org.apache.beam.sdk.schemas.Schema.FieldType;

/**
 * Checks whether a class can hold the values of rows, and says which field cannot. Beam says only
 * that two schemas are not equivalent.
 */
final class Fit {

  private final Class<?> type;

  Fit(Class<?> type) {
    this.type = type;
  }

  /**
   * Compares the schema of the class with the schema of the rows.
   *
   * @throws HuggingFaceException {@code InvalidOutputType}, with the first field that does not
   *     match
   */
  void check(Schema ofClass, Schema ofRows) {
    check(ofClass, ofRows, "");
  }

  private void check(Schema ofClass, Schema ofRows, String path) {
    if (ofClass.getFieldCount() == 0) {
      // Beam finds no fields in a nested class if its outer class uses getters and it does not.
      throw misfit(
          "expected some of the fields of " + TypeNames.show(ofRows) + ", found none",
          path,
          "Annotate the class and its nested classes in the same way, for example with"
              + " @DefaultSchema(JavaFieldSchema.class), which the classes of this library use.");
    }
    for (Field field : ofClass.getFields()) {
      String name = field.getName();
      String place = path.isEmpty() ? name : path + "." + name;
      if (!ofRows.hasField(name)) {
        throw misfit(
            String.format(
                "expected one of the fields of %s, found %s", TypeNames.show(ofRows), name),
            place,
            "Set the name of a field with @SchemaFieldName, or remove this one.");
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
          "Annotate it with @Nullable. Beam does not see this annotation inside lists and maps;"
              + " remove the field there.");
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
        ofClass,
        ofRows,
        path,
        "Change the type in Java, or convert the value in a DoFn after this transform.");
  }

  private HuggingFaceException mismatch(
      FieldType ofClass, FieldType ofRows, String path, String remedy) {
    return misfit(
        "expected " + TypeNames.show(ofRows) + ", found " + TypeNames.show(ofClass), path, remedy);
  }

  private HuggingFaceException misfit(String what, String path, String remedy) {
    return HuggingFaceException.invalidOutputType(
        what + " in " + type.getSimpleName(), path, remedy, null);
  }
}
