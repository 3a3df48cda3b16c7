package io.github.hfbeam;

/** Arguments of the public methods. A null would be a default that nobody asked for. */
final class Required {

  private Required() {}

  /**
   * Returns a value that is not null.
   *
   * @throws HuggingFaceException {@code InvalidConfig}, with the path, if it is null
   */
  static <T> T value(T value, String path) {
    if (value == null) {
      throw HuggingFaceException.invalidConfig(
          "expected a value, found null",
          path,
          "Pass one, or leave the call out for the default.",
          null);
    }
    return value;
  }
}
