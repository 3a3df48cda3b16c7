package io.github.hfbeam;

import java.io.Serializable;
import org.apache.beam.vendor.grpc.v1p69p0.io.grpc.ChannelCredentials;
import org.apache.beam.vendor.grpc.v1p69p0.io.grpc.Grpc;
import org.apache.beam.vendor.grpc.v1p69p0.io.grpc.InsecureChannelCredentials;
import org.apache.beam.vendor.grpc.v1p69p0.io.grpc.ManagedChannel;

/** The address of a service, and the TLS settings for it, if any. */
final class Connection implements Serializable {

  private static final long serialVersionUID = 1L;

  private final ServiceAddress address;
  private final Tls tls; // Null for plaintext.

  Connection(ServiceAddress address, Tls tls) {
    this.address = address;
    this.tls = tls;
  }

  ManagedChannel open() {
    ChannelCredentials credentials =
        tls == null ? InsecureChannelCredentials.create() : tls.credentials();
    return Grpc.newChannelBuilderForAddress(address.host(), address.port(), credentials)
        .maxInboundMessageSize(Integer.MAX_VALUE)
        .build();
  }

  @Override
  public String toString() {
    return address.toString();
  }
}
