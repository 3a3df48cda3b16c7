package io.github.hfbeam.example;

/** The user's input is not valid; the message says why, in one sentence. */
final class UsageException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}
