package io.github.hfbeam.results;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Positions in results count code points. */
class CodePointsTest {

  private static final String TEXT = "e\u0301\ud83c\udf0a\u00eb!";

  @ParameterizedTest
  @CsvSource({"0, 0, ''", "0, 2, e\u0301", "2, 3, \ud83c\udf0a", "3, 5, \u00eb!", "5, 5, ''"})
  void aSubstringCountsCodePoints(long start, long end, String expected) {
    assertEquals(expected, CodePoints.substring(TEXT, start, end));
    assertEquals(expected, new Answer(1, start, end, "").textIn(TEXT));
    assertEquals(expected, new Entity("PER", 1, 0, "", start, end).textIn(TEXT));
    assertEquals(expected, new EntityGroup("PER", 1, "", start, end).textIn(TEXT));
  }

  @Test
  void withoutPositionsThereIsNoSubstring() {
    assertNull(new Entity("PER", 1, 0, "e", null, null).textIn(TEXT));
    assertNull(CodePoints.substring(TEXT, 0L, null));
    assertNull(CodePoints.substring(null, null, 1L));
  }

  @ParameterizedTest
  @CsvSource({"-1, 1", "2, 1", "0, 6", "6, 6", "0, 4294967296"})
  void positionsOutsideTheTextAreRefused(long start, long end) {
    IndexOutOfBoundsException refusal =
        assertThrows(IndexOutOfBoundsException.class, () -> CodePoints.substring(TEXT, start, end));
    assertTrue(
        refusal
            .getMessage()
            .startsWith("InvalidElement: expected positions within a text of 5 characters, found"),
        refusal.getMessage());
    assertThrows(IndexOutOfBoundsException.class, () -> CodePoints.substring(null, 0L, 0L));
  }
}
