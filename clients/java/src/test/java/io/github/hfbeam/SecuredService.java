package io.github.hfbeam;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A service that speaks TLS, on the workers of the one that all tests share. */
final class SecuredService {

  private static final Duration START_LIMIT = Duration.ofMinutes(3);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

  private final Path log = Checkout.target("secured-service.log");
  private final Process process;
  private final String port;

  SecuredService(HfBeamService shared, String... tlsOptions)
      throws IOException, InterruptedException {
    Path ready = Checkout.target("secured-service.json");
    Files.deleteIfExists(ready);
    List<String> command =
        new ArrayList<>(
            List.of(
                Checkout.file(".venv/bin/hf-beam").toString(),
                "serve",
                "--port=0",
                "--ready-file=" + ready,
                "--environment=external:" + shared.workerPool(),
                "--allow-model=" + shared.tinyModels()));
    command.addAll(List.of(tlsOptions));
    File output = log.toFile();
    process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).start();
    awaitFile(ready);
    String address = new ObjectMapper().readTree(ready.toFile()).path("address").textValue();
    port = address.substring(address.lastIndexOf(':') + 1);
  }

  /** The address of the service under one of the names of this machine. */
  String address(String host) {
    return host + ":" + port;
  }

  void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("the service did not stop when asked: see " + log);
    }
  }

  private void awaitFile(Path ready) throws InterruptedException {
    long end = System.nanoTime() + START_LIMIT.toNanos();
    while (!Files.exists(ready)) {
      if (!process.isAlive() || System.nanoTime() > end) {
        process.destroyForcibly();
        throw new IllegalStateException("the service did not start: see " + log);
      }
      Thread.sleep(100);
    }
  }
}
