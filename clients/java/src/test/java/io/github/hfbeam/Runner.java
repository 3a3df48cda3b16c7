package io.github.hfbeam;

/** The arguments that make a pipeline run on Beam's local job service. */
public final class Runner {

  private Runner() {}

  /**
   * Workers of Java are in this JVM, those of Python in the pool of the service.
   *
   * @param address {@code HOST:PORT} of the job service
   */
  public static String[] args(String address) {
    return new String[] {
      "--runner=PortableRunner",
      "--jobEndpoint=" + address,
      "--defaultEnvironmentType=LOOPBACK",
      // Beam's worker forgets to close a channel, which gRPC notes with a page of text.
      "--sdkHarnessLogLevelOverrides={\"org.apache.beam.vendor.grpc\": \"OFF\"}"
    };
  }
}
