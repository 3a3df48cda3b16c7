package io.github.hfbeam;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the tests use of the checkout around them: its Python environment, models and texts. */
public final class Checkout {

  private static final Path ROOT = root();

  private Checkout() {}

  public static Path file(String path) {
    return ROOT.resolve(path);
  }

  /** 2,173 definitions as JSON lines: {@code id}, {@code term}, {@code text}. */
  public static Path jargon() {
    return file("java_example/src/main/resources/jargon.jsonl");
  }

  /** A file under this module's build directory. */
  static Path target(String name) {
    return Path.of(System.getProperty("build.directory"), name);
  }

  /** What a Python program of the checkout prints. */
  public static String python(String... args) {
    Path output = target("python-output");
    File log = target("python.log").toFile();
    ProcessBuilder builder = pythonProcess(args).redirectOutput(output.toFile());
    try {
      if (builder.redirectError(log).start().waitFor() != 0) {
        throw new IllegalStateException(builder.command() + " failed: see " + log);
      }
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A Python program of the checkout that is to be started. */
  static ProcessBuilder pythonProcess(String... args) {
    ProcessBuilder builder = new ProcessBuilder(file(".venv/bin/python").toString());
    builder.command().addAll(List.of(args));
    return builder.directory(ROOT.toFile());
  }

  private static Path root() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.exists(directory.resolve("pyproject.toml"))) {
      directory = directory.getParent();
    }
    return directory;
  }
}
