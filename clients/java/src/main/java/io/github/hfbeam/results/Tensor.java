package io.github.hfbeam.results;

import java.util.List;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/**
 * A tensor as bytes; the result of feature extraction without pooling, and an output of {@code
 * tensor}.
 */
@DefaultSchema(JavaFieldSchema.class)
public final class Tensor extends Result {

  /** The numpy name of the dtype, for example {@code float32}. */
  public final String dtype;

  /** The size of each dimension. */
  public final List<Long> shape;

  /** The values in C order, little-endian. */
  public final byte[] data;

  /**
   * Creates an instance, for example in a test.
   *
   * @param dtype the numpy name of the dtype, for example {@code float32}
   * @param shape the size of each dimension
   * @param data the values in C order, little-endian
   */
  @SchemaCreate
  public Tensor(String dtype, List<Long> shape, byte[] data) {
    this.dtype = dtype;
    this.shape = shape;
    this.data = data;
  }
}
