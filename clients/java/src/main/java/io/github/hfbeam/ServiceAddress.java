package io.github.hfbeam;

import java.io.Serializable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The host and port that a service listens on. */
final class ServiceAddress implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final int MAX_PORT = 65_535;
  private static final Pattern HOST_AND_PORT =
      Pattern.compile("(?<host>\\[[0-9a-fA-F:.%]+\\]|[^\\s:/\\[\\]]+):(?<port>[0-9]{1,5})");

  private final String host;
  private final int port;

  private ServiceAddress(String host, int port) {
    this.host = host;
    this.port = port;
  }

  static ServiceAddress parse(String text) {
    Matcher matcher = HOST_AND_PORT.matcher(Required.value(text, "address"));
    if (matcher.matches()) {
      int port = Integer.parseInt(matcher.group("port"));
      if (port > 0 && port <= MAX_PORT) {
        return new ServiceAddress(matcher.group("host"), port);
      }
    }
    throw HuggingFaceException.invalidConfig(
        "expected HOST:PORT, found \"" + text + "\"",
        "address",
        "Give the address that `hf-beam serve` printed, for example localhost:8097.",
        null);
  }

  String host() {
    return host;
  }

  int port() {
    return port;
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
