package io.github.hfbeam.results;

import java.util.List;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;

/** Numbers of any shape: tensors as bytes, features without pooling. */
@DefaultSchema(JavaFieldSchema.class)
public final class Tensor extends Result {

  /** Their type as numpy names it, for example {@code float32}. */
  public final String dtype;

  /** The length of each dimension. */
  public final List<Long> shape;

  /** The numbers in C order, little-endian. */
  public final byte[] data;

  /**
   * One of these, as tests may need it.
   *
   * @param dtype their type as numpy names it, for example {@code float32}
   * @param shape the length of each dimension
   * @param data the numbers in C order, little-endian
   */
  @SchemaCreate
  public Tensor(String dtype, List<Long> shape, byte[] data) {
    this.dtype = dtype;
    this.shape = shape;
    this.data = data;
  }
}
