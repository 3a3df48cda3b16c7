package io.github.hfbeam;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The text of an error says its code, path and request. */
class HuggingFaceExceptionTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "InvalidConfig: expected true or false, found string \"yes\" - at truncation. Correct the"
            + " value. (request 5f3a9c12) | InvalidConfig | truncation | 5f3a9c12",
        "InvalidConfig: expected a model, found none - at model. (request 1) | InvalidConfig | model"
            + " | 1",
        "InvalidConfig: expected a string - at inputs.text. Fix it. | InvalidConfig | inputs.text |"
            + " ''",
        "InvalidConfig: found \"a - at b. c\" - at x.y. Do. (request 2) | InvalidConfig | x.y | 2",
        "UnknownTransform: expected one of a, b. found c. Ask. (request 3) | UnknownTransform | '' |"
            + " 3",
        "Unsafe: no | Unsafe | '' | ''",
        "Traceback (most recent call last): | ServiceFailed | '' | ''",
      })
  void itIsReadFromTheText(String text, String code, String path, String requestId) {
    HuggingFaceException e = HuggingFaceException.of(text, null);
    assertAll(
        () -> assertEquals(text, e.getMessage()),
        () -> assertEquals(code, e.code()),
        () -> assertEquals(path, e.path()),
        () -> assertEquals(requestId, e.requestId()));
  }
}
