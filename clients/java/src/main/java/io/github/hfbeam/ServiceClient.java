package io.github.hfbeam;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.beam.model.expansion.v1.ExpansionApi.DiscoverSchemaTransformRequest;
import org.apache.beam.model.expansion.v1.ExpansionApi.DiscoverSchemaTransformResponse;
import org.apache.beam.model.expansion.v1.ExpansionApi.ExpansionRequest;
import org.apache.beam.model.expansion.v1.ExpansionApi.ExpansionResponse;
import org.apache.beam.model.expansion.v1.ExpansionServiceGrpc;
import org.apache.beam.model.expansion.v1.ExpansionServiceGrpc.ExpansionServiceBlockingStub;
import org.apache.beam.model.pipeline.v1.Endpoints.ApiServiceDescriptor;
import org.apache.beam.sdk.util.construction.ExpansionServiceClient;
import org.apache.beam.sdk.util.construction.ExpansionServiceClientFactory;
import org.apache.beam.vendor.grpc.v1p69p0.io.grpc.ConnectivityState;
import org.apache.beam.vendor.grpc.v1p69p0.io.grpc.ManagedChannel;
import org.apache.beam.vendor.grpc.v1p69p0.io.grpc.Status;
import org.apache.beam.vendor.grpc.v1p69p0.io.grpc.StatusRuntimeException;
import org.apache.beam.vendor.guava.v32_1_2_jre.com.google.common.base.Throwables;
import org.apache.beam.vendor.guava.v32_1_2_jre.com.google.common.util.concurrent.Uninterruptibles;

/**
 * A client of the service that opens a channel for each call.
 *
 * <p>Beam's own client leaves its channels open, has no timeout and throws gRPC's exceptions. This
 * one throws only {@link HuggingFaceException}.
 */
final class ServiceClient implements ExpansionServiceClientFactory, ExpansionServiceClient {

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  // The service may have to wait for the hub.
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(120);

  private final Connection connection;

  private final Optional<String> step;

  /**
   * @param step the name to ask for, instead of the one that Beam makes up; empty for Beam's
   */
  ServiceClient(Connection connection, Optional<String> step) {
    this.connection = connection;
    this.step = step;
  }

  @Override
  public ExpansionServiceClient getExpansionServiceClient(ApiServiceDescriptor endpoint) {
    return this;
  }

  @Override
  public ExpansionResponse expand(ExpansionRequest request) {
    ExpansionRequest.Builder named = request.toBuilder();
    step.ifPresent(named.getTransformBuilder()::setUniqueName);
    ExpansionResponse response = call(stub -> stub.expand(named.build()));
    if (!response.getError().isEmpty()) {
      throw HuggingFaceException.of(response.getError(), null);
    }
    return response;
  }

  @Override
  public DiscoverSchemaTransformResponse discover(DiscoverSchemaTransformRequest request) {
    return call(stub -> stub.discoverSchemaTransform(request));
  }

  @Override
  public void close() {
    // Each call has closed its own channel.
  }

  private <T> T call(Function<ExpansionServiceBlockingStub, T> method) {
    ManagedChannel channel = connection.open();
    try {
      if (!settles(channel)) {
        throw unreachable("none within " + CONNECT_LIMIT.toSeconds() + " seconds", null);
      }
      return method.apply(
          ExpansionServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(ANSWER_LIMIT.toSeconds(), TimeUnit.SECONDS));
    } catch (StatusRuntimeException e) {
      throw failure(e);
    } finally {
      channel.shutdownNow();
    }
  }

  /** Waits until the channel connects, or fails; in that case, the call throws the reason. */
  private static boolean settles(ManagedChannel channel) {
    long end = System.nanoTime() + CONNECT_LIMIT.toNanos();
    ConnectivityState state = channel.getState(true);
    while (state != ConnectivityState.READY && state != ConnectivityState.TRANSIENT_FAILURE) {
      CountDownLatch changed = new CountDownLatch(1);
      channel.notifyWhenStateChanged(state, changed::countDown);
      if (!Uninterruptibles.awaitUninterruptibly(
          changed, end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        return false;
      }
      state = channel.getState(false);
    }
    return true;
  }

  private HuggingFaceException failure(StatusRuntimeException e) {
    Status status = e.getStatus();
    switch (status.getCode()) {
      case UNAVAILABLE:
        return unreachable("none (" + reason(e) + ")", e);
      case UNIMPLEMENTED:
        return unreachable("a different server (" + status.getDescription() + ")", e);
      case DEADLINE_EXCEEDED:
        return HuggingFaceException.of(
            String.format(
                "ServiceUnavailable: expected an answer from %s within %d seconds, found none. "
                    + "Try again, or check the service's log.",
                connection, ANSWER_LIMIT.toSeconds()),
            e);
      case RESOURCE_EXHAUSTED:
        return HuggingFaceException.of(
            String.format(
                "RequestTooLarge: expected a request within the limits of %s, found one that exceeds "
                    + "them (%s). Shorten the config, or ask the operator for higher limits.",
                connection, status.getDescription()),
            e);
      default:
        return HuggingFaceException.of(
            String.format(
                "ServiceFailed: expected an answer from %s, found the status %s (%s). "
                    + "Check the service's log.",
                connection, status.getCode(), reason(e)),
            e);
    }
  }

  private HuggingFaceException unreachable(String found, Throwable cause) {
    return HuggingFaceException.of(
        String.format(
            "ServiceUnavailable: expected an hf-beam service at %s, found %s. "
                + "Start one with `hf-beam serve`, or correct the address.",
            connection, found),
        cause);
  }

  private static String reason(StatusRuntimeException e) {
    return Throwables.getRootCause(e).getMessage();
  }
}
