package io.github.hfbeam;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Why a transform could not be built: one sentence that says what was expected, what was found,
 * where, and what to do.
 *
 * <p>Thrown while the pipeline is built. Elements that fail while it runs are rows of the
 * {@linkplain Inference#withErrors error output} instead.
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

  /** The code of all that has none of its own. */
  private static final String SERVICE_FAILED = "ServiceFailed";

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

  /** An error in the form that the service gives its own, whoever found it. */
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
    String place = path.isEmpty() ? "" : " - at " + path;
    return of("InvalidConfig: " + what + place + ". " + remedy, cause);
  }

  private static String orEmpty(String group) {
    return group == null ? "" : group;
  }

  /**
   * What kind of error this is, for programs: {@code InvalidConfig}, {@code InvalidInputSchema},
   * {@code UnknownTransform}, {@code ModelNotFound}, {@code ModelNotAllowed}, {@code
   * ModelUnsupported}, {@code HubUnavailable}, {@code MissingDependency}, {@code RequestTooLarge},
   * {@code Unsafe}, {@code InvalidOutputType} (a class does not fit the rows that come back),
   * {@code ServiceUnavailable} (no service answers at the address) or {@code ServiceFailed} (it
   * answered what this library does not understand).
   *
   * @return the code, the first word of the message
   */
  public String code() {
    return code;
  }

  /**
   * Which part of the config or of the input row is meant.
   *
   * @return a dotted path, or empty where there is no such part
   */
  public String path() {
    return path;
  }

  /**
   * Under which id the service's log has the details.
   *
   * @return the id, or empty where the service was not reached
   */
  public String requestId() {
    return requestId;
  }
}
