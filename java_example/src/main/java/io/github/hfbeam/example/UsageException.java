package io.github.hfbeam.example;

/** What the user gave cannot be used; the message says why, in one sentence. */
final class UsageException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}
