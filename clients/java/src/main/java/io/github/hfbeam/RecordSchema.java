package io.github.hfbeam;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.schemas.FieldValueGetter;
import org.apache.beam.sdk.schemas.FieldValueTypeInformation;
import org.apache.beam.sdk.schemas.GetterBasedSchemaProviderV2;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.JavaFieldSchema.JavaFieldTypeSupplier;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.SchemaUserTypeCreator;
import org.apache.beam.sdk.schemas.utils.FieldValueTypeSupplier;
import org.apache.beam.sdk.schemas.utils.StaticSchemaInference;
import org.apache.beam.sdk.values.TypeDescriptor;
import org.joda.time.Instant;

/**
 * A Beam schema for records, which Beam itself has no schema for.
 *
 * <pre>{@code
 * @DefaultSchema(RecordSchema.class)
 * record Review(long id, String text) {}
 * }</pre>
 *
 * <p>{@link Inference#as} and {@link Results} use it for every record, with or without the
 * annotation. With the annotation, collections of the record are an input as well.
 *
 * <p>Each component is a field, with the name of the component or of {@code @SchemaFieldName}. Mark
 * components that may be null with {@code @Nullable}. A component can be a primitive or its
 * wrapper, a {@code String}, {@code BigDecimal}, {@code Instant} of Joda-Time, {@code byte[]}, an
 * enum, an array, {@code List} or {@code Map} of these, another record, or a class with public
 * fields, such as those of {@link io.github.hfbeam.results}.
 */
public final class RecordSchema extends GetterBasedSchemaProviderV2 {

  private static final long serialVersionUID = 1L;
  private static final FieldValueTypeSupplier COMPONENTS = RecordSchema::components;
  // As in Beam, a provider is asked for nested classes too.
  private static final JavaFieldSchema FIELDS = new JavaFieldSchema();

  /** Creates the provider; Beam does this. */
  public RecordSchema() {}

  static boolean isRecord(Class<?> type) {
    // The library runs on Java 11, which has no records.
    Class<?> parent = type.getSuperclass();
    return parent != null && parent.getName().equals("java.lang.Record");
  }

  @Override
  public <T> Schema schemaFor(TypeDescriptor<T> type) {
    return StaticSchemaInference.schemaFromClass(type, COMPONENTS);
  }

  @Override
  public List<FieldValueTypeInformation> fieldValueTypeInformations(
      TypeDescriptor<?> type, Schema schema) {
    return COMPONENTS.get(type, schema);
  }

  @Override
  public <T> List<FieldValueGetter<T, Object>> fieldValueGetters(
      TypeDescriptor<T> type, Schema schema) {
    if (!isRecord(type.getRawType())) {
      return FIELDS.fieldValueGetters(type, schema);
    }
    List<FieldValueGetter<T, Object>> getters = new ArrayList<>();
    for (FieldValueTypeInformation component : COMPONENTS.get(type, schema)) {
      getters.add(new ComponentGetter<>(component));
    }
    return getters;
  }

  @Override
  public SchemaUserTypeCreator schemaTypeCreator(TypeDescriptor<?> type, Schema schema) {
    return isRecord(type.getRawType())
        ? new RecordCreator(type, COMPONENTS.get(type, schema))
        : FIELDS.schemaTypeCreator(type, schema);
  }

  private static List<FieldValueTypeInformation> components(TypeDescriptor<?> type) {
    if (!isRecord(type.getRawType())) {
      return JavaFieldTypeSupplier.INSTANCE.get(type);
    }
    List<FieldValueTypeInformation> components = new ArrayList<>();
    try {
      for (String name : names(type.getRawType())) {
        FieldValueTypeInformation component =
            FieldValueTypeInformation.forField(
                type, type.getRawType().getDeclaredField(name), components.size());
        check(component);
        components.add(component);
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e); // Records have all of these.
    }
    return components;
  }

  /** Returns the names of a record's components, in the order of its constructor. */
  private static List<String> names(Class<?> record) throws ReflectiveOperationException {
    Object[] components = (Object[]) Class.class.getMethod("getRecordComponents").invoke(record);
    Method name = Class.forName("java.lang.reflect.RecordComponent").getMethod("getName");
    List<String> names = new ArrayList<>();
    for (Object component : components) {
      names.add((String) name.invoke(component));
    }
    return names;
  }

  /** Rejects types that Beam's inference accepts, but whose values differ from what rows hold. */
  private static void check(FieldValueTypeInformation info) {
    Class<?> raw = info.getRawType();
    boolean fits = true;
    if (Map.class.isAssignableFrom(raw)) {
      fits = raw.isAssignableFrom(HashMap.class);
      check(info.getMapKeyType());
      check(info.getMapValueType());
    } else if (info.getElementType() != null && raw != byte[].class) {
      fits = raw.isArray() || raw.isAssignableFrom(ArrayList.class);
      check(info.getElementType());
    } else if (org.joda.time.ReadableInstant.class.isAssignableFrom(raw)) {
      fits = raw.isAssignableFrom(Instant.class);
    } else if (CharSequence.class.isAssignableFrom(raw)) {
      fits = raw.isAssignableFrom(String.class);
    } else if (java.nio.ByteBuffer.class.isAssignableFrom(raw)) {
      fits = false;
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "the component " + info.getName() + " has the type " + raw.getSimpleName());
    }
  }

  private static final class ComponentGetter<T> implements FieldValueGetter<T, Object> {

    private static final long serialVersionUID = 1L;

    private final String name;
    private final transient Method accessor; // Getters stay in the JVM that created them.

    ComponentGetter(FieldValueTypeInformation component) {
      name = component.getName();
      try {
        accessor =
            component
                .getField()
                .getDeclaringClass()
                .getDeclaredMethod(component.getField().getName());
        accessor.setAccessible(true); // The record may be private.
      } catch (NoSuchMethodException e) {
        throw new IllegalStateException(e); // Each component has one.
      }
    }

    @Override
    public Object get(T object) {
      try {
        return toRow(accessor.invoke(object));
      } catch (InvocationTargetException e) {
        throw new IllegalStateException(e.getCause());
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public String name() {
      return name;
    }
  }

  private static final class RecordCreator implements SchemaUserTypeCreator {

    private static final long serialVersionUID = 1L;

    private final transient List<FieldValueTypeInformation> fields;
    private final transient int[] positions; // Of the fields, in the constructor.
    private final transient Constructor<?> constructor;

    RecordCreator(TypeDescriptor<?> type, List<FieldValueTypeInformation> fields) {
      this.fields = fields;
      Class<?>[] types = new Class<?>[fields.size()];
      positions = new int[fields.size()];
      try {
        List<String> names = names(type.getRawType());
        for (int i = 0; i < positions.length; i++) {
          positions[i] = names.indexOf(fields.get(i).getField().getName());
          types[positions[i]] = fields.get(i).getField().getType();
        }
        constructor = type.getRawType().getDeclaredConstructor(types);
        constructor.setAccessible(true); // The record may be private.
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e); // Each record has a canonical one.
      }
    }

    @Override
    public Object create(Object... values) {
      Object[] arguments = new Object[values.length];
      for (int i = 0; i < values.length; i++) {
        arguments[positions[i]] = fromRow(values[i], fields.get(i));
      }
      try {
        return constructor.newInstance(arguments);
      } catch (InvocationTargetException e) {
        throw new IllegalStateException(e.getCause());
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /**
   * Converts a component's value to what Beam expects of a getter: lists, and numbers for enums.
   */
  private static Object toRow(Object value) {
    if (value instanceof Enum) {
      return ((Enum<?>) value).ordinal();
    }
    if (value instanceof Collection) {
      List<Object> list = new ArrayList<>();
      ((Collection<?>) value).forEach(element -> list.add(toRow(element)));
      return list;
    }
    if (value != null && value.getClass().isArray() && !(value instanceof byte[])) {
      List<Object> list = new ArrayList<>();
      for (int i = 0; i < Array.getLength(value); i++) {
        list.add(toRow(Array.get(value, i)));
      }
      return list;
    }
    if (value instanceof Map) {
      Map<Object, Object> map = new HashMap<>();
      ((Map<?, ?>) value).forEach((key, element) -> map.put(toRow(key), toRow(element)));
      return map;
    }
    return value;
  }

  /** Converts a value that Beam passes to a creator to the type of the component. */
  private static Object fromRow(Object value, FieldValueTypeInformation info) {
    if (value instanceof Integer && info.getRawType().isEnum()) {
      return info.getRawType().getEnumConstants()[(Integer) value];
    }
    if (value instanceof Map) {
      Map<Object, Object> map = new HashMap<>();
      ((Map<?, ?>) value)
          .forEach(
              (key, element) ->
                  map.put(
                      fromRow(key, info.getMapKeyType()),
                      fromRow(element, info.getMapValueType())));
      return map;
    }
    if (value instanceof Iterable) {
      List<Object> list = new ArrayList<>();
      ((Iterable<?>) value).forEach(element -> list.add(fromRow(element, info.getElementType())));
      return info.getRawType().isArray() ? toArray(list, info.getRawType()) : list;
    }
    return value;
  }

  private static Object toArray(List<?> list, Class<?> type) {
    Object array = Array.newInstance(type.getComponentType(), list.size());
    for (int i = 0; i < list.size(); i++) {
      Array.set(array, i, list.get(i));
    }
    return array;
  }
}
