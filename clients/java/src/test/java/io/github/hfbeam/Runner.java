package io.github.hfbeam;

import java.util.ArrayList;
import java.util.List;
import org.apache.beam.fn.harness.ExternalWorkerService;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.util.ReleaseInfo;

/** What makes a pipeline run on Beam's local job service. */
public final class Runner {

  private Runner() {}

  /**
   * For one job. Workers of Java are in this JVM, those of Python in the pool of the service.
   *
   * @param address {@code HOST:PORT} of the job service
   */
  public static String[] args(String address) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "--runner=PortableRunner",
                "--jobEndpoint=" + address,
                // Beam's worker forgets to close a channel, which gRPC notes with a page of text.
                "--sdkHarnessLogLevelOverrides={\"org.apache.beam.vendor.grpc\": \"OFF\"}"));
    if (ReleaseInfo.getReleaseInfo().getSdkVersion().startsWith("2.65.")) {
      args.add("--defaultEnvironmentType=EXTERNAL");
      args.add("--environmentOptions=external_service_address=" + startWorkers());
    } else {
      args.add("--defaultEnvironmentType=LOOPBACK");
    }
    return args.toArray(new String[0]);
  }

  /** Runs a pipeline to its end, for which PortableRunner itself looks only every three seconds. */
  public static void run(Pipeline pipeline) {
    PipelineResult result = pipeline.run();
    try {
      while (!result.getState().isTerminal()) {
        Thread.sleep(50);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    result.waitUntilFinish(); // throws what made the job fail
  }

  /**
   * LOOPBACK by hand: that of old versions knows no address yet when the service is asked. Each job
   * has its own, as workers end what they share with later ones.
   */
  private static String startWorkers() {
    try {
      return new ExternalWorkerService(PipelineOptionsFactory.create())
          .start()
          .getApiServiceDescriptor()
          .getUrl();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
