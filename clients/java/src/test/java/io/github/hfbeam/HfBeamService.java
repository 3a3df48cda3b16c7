package io.github.hfbeam;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext.Store.CloseableResource;

/**
 * A real {@code hf-beam serve} with workers, a runner and models that need no hub, as
 * tests/client_service.py starts it.
 */
public final class HfBeamService implements CloseableResource {

  private final JsonNode description;
  private final Process process;

  private HfBeamService(String description, Process process) throws IOException {
    this.description = new ObjectMapper().readTree(description);
    this.process = process;
  }

  /**
   * The service that the environment variable {@code HF_BEAM_TEST_SERVICE} describes; without it,
   * one for this JVM alone.
   */
  static HfBeamService find() {
    String shared = System.getenv("HF_BEAM_TEST_SERVICE");
    try {
      return shared != null ? new HfBeamService(shared, null) : start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static HfBeamService start() throws IOException {
    Path log = Checkout.target("client-service.log");
    Process process =
        Checkout.pythonProcess("-m", "tests.client_service").redirectError(log.toFile()).start();
    String description =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
            .readLine();
    if (description == null) {
      throw new IllegalStateException("the service did not start: see " + log);
    }
    return new HfBeamService(description, process);
  }

  /** The address of the expansion service. */
  public String address() {
    return text("address");
  }

  /** What makes a pipeline run here: workers of Java in this JVM, those of Python in the pool. */
  public String[] runnerArgs() {
    return Runner.args(text("runner"));
  }

  /** Where other services find workers. */
  String workerPool() {
    return text("worker_pool");
  }

  /** The directory of the real all-MiniLM-L6-v2. */
  public String miniLm() {
    return text("minilm");
  }

  /** The directory that {@link #tinyModel} is in. */
  String tinyModels() {
    return text("tiny_models");
  }

  /** The directory of a tiny model with random weights. */
  String tinyModel(String task) {
    return Path.of(tinyModels(), task).toString();
  }

  private String text(String field) {
    return description.path(field).textValue();
  }

  /** Ends the service that was started for this JVM, which serves until its input ends. */
  @Override
  public void close() throws IOException, InterruptedException {
    if (process != null) {
      process.getOutputStream().close();
      process.waitFor();
    }
  }
}
