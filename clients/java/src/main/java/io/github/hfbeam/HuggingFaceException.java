package io.github.hfbeam;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A transform could not be built. The message says what was expected, what was found, where, and
 * what to do.
 *
 * <p>This exception is thrown while the pipeline is built. Elements that fail while the pipeline
 * runs are rows of the {@linkplain Inference#withErrors error output} instead.
 */
public final class HuggingFaceException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** {@code CODE: WHAT - at PATH. REMEDY (request ID)}, where WHAT may quote anything. */
  private static final Pattern TEXT =
      Pattern.compile(
          "(?<code>[A-Z]\\w+): "
              + "(?:.* - at (?<path>.+?)\\.(?: .*?)??|.*?)"
              + "(?: \\(request (?<request>[^()\\s]+)\\))?",
          Pattern.DOTALL);

  /** The code of errors that do not have their own. */
  private static final String SERVICE_FAILED = "ServiceFailed";

  private static final int MAX_REASON = 200;

  private final String code;
  private final String path;
  private final String requestId;

  private HuggingFaceException(
      String text, String code, String path, String requestId, Throwable cause) {
    super(text, cause);
    this.code = code;
    this.path = path;
    this.requestId = requestId;
  }

  /** Parses a text in the form that the service and this library use for all errors. */
  static HuggingFaceException of(String text, Throwable cause) {
    Matcher matcher = TEXT.matcher(text);
    return matcher.matches()
        ? new HuggingFaceException(
            text,
            matcher.group("code"),
            orEmpty(matcher.group("path")),
            orEmpty(matcher.group("request")),
            cause)
        : new HuggingFaceException(text, SERVICE_FAILED, "", "", cause);
  }

  static HuggingFaceException invalidConfig(
      String what, String path, String remedy, Throwable cause) {
    return of("InvalidConfig: " + what + at(path) + ". " + remedy, cause);
  }

  static HuggingFaceException invalidOutputType(
      String what, String path, String remedy, Throwable cause) {
    return of("InvalidOutputType: " + what + at(path) + ". " + remedy, cause);
  }

  private static String at(String path) {
    return path.isEmpty() ? "" : " - at " + path;
  }

  /** Returns what another library says, in one line of bounded length. */
  static String reason(Throwable error) {
    String reason = String.valueOf(error.getMessage()).lines().findFirst().orElse("");
    return reason.length() <= MAX_REASON ? reason : reason.substring(0, MAX_REASON) + "...";
  }

  private static String orEmpty(String group) {
    return group == null ? "" : group;
  }

  /**
   * Returns the kind of error, for programs: {@code InvalidConfig}, {@code InvalidInputSchema},
   * {@code UnknownTransform}, {@code ModelNotFound}, {@code ModelNotAllowed}, {@code
   * ModelUnsupported}, {@code HubUnavailable}, {@code MissingDependency}, {@code RequestTooLarge},
   * {@code Unsafe}, {@code VersionMismatch}, {@code InternalError} (the service failed; its log has
   * the details), {@code InvalidOutputType} (the class does not match the rows that come back),
   * {@code ServiceUnavailable} (no service answers at the address) or {@code ServiceFailed} (this
   * library does not understand the service's answer).
   *
   * @return the code, the first word of the message
   */
  public String code() {
    return code;
  }

  /**
   * Returns the part of the config or of the input row that the error is about.
   *
   * @return a dotted path, or an empty string if the error is not about such a part
   */
  public String path() {
    return path;
  }

  /**
   * Returns the ID under which the service logged the details.
   *
   * @return the ID, or an empty string if the service was not reached
   */
  public String requestId() {
    return requestId;
  }
}
