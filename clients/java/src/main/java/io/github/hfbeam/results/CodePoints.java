package io.github.hfbeam.results;

import javax.annotation.Nullable;

/**
 * Positions in texts, as results have them: the number of Unicode code points before the position.
 *
 * <p>Java's own indices count UTF-16 units, two for an emoji, so {@code text.substring(start, end)}
 * is wrong after one. Use this class for results that are rows, and the {@code textIn} methods of
 * {@link Answer}, {@link Entity} and {@link EntityGroup} for objects.
 */
public final class CodePoints {

  private CodePoints() {}

  /**
   * Returns the part of a text between two positions.
   *
   * <pre>{@code
   * CodePoints.substring("\uD83C\uDF0A in Cologne", 5L, 12L) // "Cologne"
   * }</pre>
   *
   * @param text the text that the model read
   * @param start the position of the first character; null if the tokenizer does not provide it
   * @param end the position after the last character; null if the tokenizer does not provide it
   * @return the part, or null if one of the positions is null
   * @throws IndexOutOfBoundsException if a position is not in the text, or the text is null
   */
  @Nullable
  public static String substring(@Nullable String text, @Nullable Long start, @Nullable Long end) {
    if (start == null || end == null) {
      return null;
    }
    long length = text == null ? 0 : text.codePointCount(0, text.length());
    if (text == null || start < 0 || end < start || end > length) {
      throw new IndexOutOfBoundsException(
          "InvalidElement: expected positions within a text of "
              + length
              + " characters, found "
              + start
              + " to "
              + end
              + ". Pass the text that the model read.");
    }
    int first = text.offsetByCodePoints(0, start.intValue());
    return text.substring(first, text.offsetByCodePoints(first, (int) (end - start)));
  }
}
