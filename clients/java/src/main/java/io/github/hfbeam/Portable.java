package io.github.hfbeam;

import java.util.Set;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.RowCoder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.schemas.SchemaCoder;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.SerializableFunction;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptor;

/**
 * Converts elements to what Python reads: objects to rows, and keys that are integers to 64-bit
 * ones, the only ones that have a coder in all languages.
 */
final class Portable {

  private static final Set<Class<?>> INTEGERS =
      Set.of(Byte.class, Short.class, Integer.class, Long.class);

  private Portable() {}

  static <T> PCollection<?> of(PCollection<T> input) {
    Coder<T> coder = input.getCoder();
    if (coder instanceof KvCoder) {
      return ofPairs(input, (KvCoder<?, ?>) coder);
    }
    Form<T, ?> form = Form.of(coder);
    return form.coder == coder ? input : apply(input, form);
  }

  private static <T, U> PCollection<U> apply(PCollection<T> input, Form<T, U> form) {
    return input.apply("ToRows", ParDo.of(new ConvertFn<>(form.convert))).setCoder(form.coder);
  }

  private static <K, V> PCollection<?> ofPairs(PCollection<?> input, KvCoder<K, V> coder) {
    Form<K, ?> key = Form.ofKey(coder.getKeyCoder());
    Form<V, ?> value = Form.of(coder.getValueCoder());
    if (key.coder == coder.getKeyCoder() && value.coder == coder.getValueCoder()) {
      return input;
    }
    @SuppressWarnings("unchecked") // Its coder says so.
    PCollection<KV<K, V>> pairs = (PCollection<KV<K, V>>) input;
    return apply(pairs, Form.ofPair(key, value));
  }

  /** How the values of a coder are converted, and the coder that they have then. */
  private static final class Form<T, U> {

    private final SerializableFunction<T, U> convert;
    private final Coder<U> coder;

    private Form(SerializableFunction<T, U> convert, Coder<U> coder) {
      this.convert = convert;
      this.coder = coder;
    }

    static <K, V, K2, V2> Form<KV<K, V>, KV<K2, V2>> ofPair(Form<K, K2> key, Form<V, V2> value) {
      SerializableFunction<K, K2> ofKey = key.convert;
      SerializableFunction<V, V2> ofValue = value.convert;
      return new Form<>(
          pair -> KV.of(ofKey.apply(pair.getKey()), ofValue.apply(pair.getValue())),
          KvCoder.of(key.coder, value.coder));
    }

    static <T> Form<T, ?> ofKey(Coder<T> coder) {
      boolean isInteger = INTEGERS.contains(coder.getEncodedTypeDescriptor().getRawType());
      return isInteger && !(coder instanceof VarLongCoder)
          ? new Form<>(value -> ((Number) value).longValue(), VarLongCoder.of())
          : of(coder);
    }

    /** Returns a form with the same coder if Python reads its values, or if nothing can be done. */
    static <T> Form<T, ?> of(Coder<T> coder) {
      if (coder instanceof SchemaCoder && !(coder instanceof RowCoder)) {
        SchemaCoder<T> schema = (SchemaCoder<T>) coder;
        return new Form<T, Row>(schema.getToRowFunction(), RowCoder.of(schema.getSchema()));
      }
      TypeDescriptor<T> type = coder.getEncodedTypeDescriptor();
      if (RecordSchema.isRecord(type.getRawType())) {
        RecordSchema schema = new RecordSchema();
        return new Form<T, Row>(schema.toRowFunction(type), RowCoder.of(schema.schemaFor(type)));
      }
      return new Form<>(value -> value, coder);
    }
  }

  private static final class ConvertFn<T, U> extends DoFn<T, U> {

    private static final long serialVersionUID = 1L;

    private final SerializableFunction<T, U> convert;

    ConvertFn(SerializableFunction<T, U> convert) {
      this.convert = convert;
    }

    @ProcessElement
    public void processElement(@Element T element, OutputReceiver<U> output) {
      output.output(convert.apply(element));
    }
  }
}
