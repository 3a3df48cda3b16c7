package io.github.hfbeam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.transforms.Create;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A service that is not there is said so, soon. */
class ServiceUnavailableTest {

  @Test
  void aServiceThatIsNotRunningIsSaidSo() throws IOException {
    ServerSocket closed = open();
    closed.close();
    HuggingFaceException refusal = assertUnavailable("localhost:" + closed.getLocalPort());
    assertTrue(refusal.getMessage().contains("Connection refused"), refusal.getMessage());
  }

  @Test
  void aServerThatSaysNothingIsNotWaitedForLong() throws IOException {
    try (ServerSocket silent = open()) {
      assertUnavailable("localhost:" + silent.getLocalPort());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "localhost",
        "8097",
        "localhost:",
        "localhost:port",
        "localhost:0",
        "localhost:65536",
        "http://localhost:8097",
        "::1:8097"
      })
  void whatIsNoAddressIsRefused(String address) {
    HuggingFaceException refusal =
        assertThrows(HuggingFaceException.class, () -> HuggingFace.embedding().at(address));
    assertEquals("InvalidConfig", refusal.code());
    assertEquals("address", refusal.path());
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:8097", "127.0.0.1:1", "[::1]:65535", "models.example.com:443"})
  void whatIsAnAddressIsTaken(String address) {
    HuggingFace.embedding().at(address);
  }

  private static ServerSocket open() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  private static HuggingFaceException assertUnavailable(String address) {
    Inference embed = HuggingFace.embedding().withModel("any").at(address);
    HuggingFaceException refusal =
        assertTimeout(
            Duration.ofSeconds(20),
            () ->
                assertThrows(
                    HuggingFaceException.class,
                    () -> Pipeline.create().apply(Create.of("a text")).apply(embed)));
    assertEquals("ServiceUnavailable", refusal.code());
    assertTrue(refusal.getMessage().contains(address), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("hf-beam serve"), refusal.getMessage());
    return refusal;
  }
}
