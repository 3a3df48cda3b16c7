package io.github.hfbeam;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.ExtensionContext.Store.CloseableResource;

/** A real {@code hf-beam serve} with workers, a runner and models that need no hub. */
public final class HfBeamService implements CloseableResource {

  private static final Duration START_LIMIT = Duration.ofMinutes(3);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

  private final Process process;
  private final Path log;
  private final Path tinyModels;
  private JsonNode addresses;

  private HfBeamService(Process process, Path log, Path tinyModels) {
    this.process = process;
    this.log = log;
    this.tinyModels = tinyModels;
  }

  static HfBeamService start() {
    return start("hf-beam", Checkout.tinyModels(), "--worker-pool-port=0", "--runner-port=0");
  }

  /**
   * Another service for the same models, which has the workers of this one.
   *
   * @param name of its log and of the file that says when it is ready
   */
  HfBeamService another(String name, String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("--environment=external:" + addresses.path("worker_pool").textValue());
    return start(name, tinyModels, all.toArray(new String[0]));
  }

  private static HfBeamService start(String name, Path tinyModels, String... options) {
    Path log = Checkout.target(name + "-serve.log");
    Path ready = Checkout.target(name + "-ready.json");
    List<String> command =
        new ArrayList<>(
            List.of(
                Checkout.command(),
                "serve",
                "--port=0",
                "--ready-file=" + ready,
                "--allow-model=" + Checkout.miniLm(),
                "--allow-model=" + tinyModels));
    command.addAll(List.of(options));
    try {
      Files.deleteIfExists(ready);
      File output = log.toFile();
      Process process =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).start();
      HfBeamService service = new HfBeamService(process, log, tinyModels);
      service.awaitReady(ready);
      return service;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The address of the expansion service. */
  public String address() {
    return addresses.path("address").textValue();
  }

  /** What makes a pipeline run here: workers of Java in this JVM, those of Python in the pool. */
  public String[] runnerArgs() {
    return Runner.args(addresses.path("runner").textValue());
  }

  /** The directory of a tiny model with random weights. */
  String tinyModel(String task) {
    return tinyModels.resolve(task).toString();
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("the service did not stop when asked: see " + log);
    }
  }

  private void awaitReady(Path ready) throws IOException {
    long end = System.nanoTime() + START_LIMIT.toNanos();
    while (!Files.exists(ready)) {
      if (!process.isAlive() || System.nanoTime() > end) {
        process.destroyForcibly();
        throw new IllegalStateException("the service did not start: see " + log);
      }
      sleep();
    }
    addresses = new ObjectMapper().readTree(ready.toFile());
  }

  private static void sleep() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
