package io.github.hfbeam;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import org.apache.beam.vendor.grpc.v1p69p0.io.grpc.ChannelCredentials;
import org.apache.beam.vendor.grpc.v1p69p0.io.grpc.TlsChannelCredentials;
import org.apache.beam.vendor.grpc.v1p69p0.io.grpc.util.CertificateUtils;

/**
 * How to know the service, and to be known by it: {@link HandlerConfig#at(String, Tls)}.
 *
 * <pre>{@code
 * config.at("models.example.com:8097", Tls.trusting(Path.of("ca.pem")))
 * }</pre>
 *
 * <p>Files are in PEM. They are read each time a transform is applied, on the machine that builds
 * the pipeline, and go nowhere else.
 */
public final class Tls implements Serializable {

  private static final long serialVersionUID = 1L;

  // Strings, as paths are not serializable. Null: the JVM's own; no certificate.
  private final String authorities;
  private final String certificate;
  private final String key;

  private Tls(String authorities, String certificate, String key) {
    this.authorities = authorities;
    this.certificate = certificate;
    this.key = key;
  }

  /**
   * Trusts the certificate authorities that the JVM trusts.
   *
   * @return TLS without a certificate of the client
   */
  public static Tls system() {
    return new Tls(null, null, null);
  }

  /**
   * Trusts these certificate authorities and no others.
   *
   * @param authorities a file with their certificates
   * @return TLS without a certificate of the client
   */
  public static Tls trusting(Path authorities) {
    return new Tls(authorities.toString(), null, null);
  }

  /**
   * Shows a certificate to a service that asks for one (mTLS, {@code hf-beam serve
   * --tls-client-ca}).
   *
   * @param certificate a file with the client's certificate, and those between it and its authority
   * @param key a file with its private key, in PKCS#8 and without a password
   * @return this with a certificate of the client
   */
  public Tls withClientCertificate(Path certificate, Path key) {
    return new Tls(authorities, certificate.toString(), key.toString());
  }

  /**
   * As gRPC takes it.
   *
   * @throws HuggingFaceException {@code InvalidConfig}; a file is not what it should be, of which
   *     gRPC would tell only its log
   */
  ChannelCredentials credentials() {
    TlsChannelCredentials.Builder credentials = TlsChannelCredentials.newBuilder();
    try {
      if (authorities != null) {
        credentials.trustManager(certificates(authorities));
      }
      if (certificate != null) {
        credentials.keyManager(certificates(certificate), privateKey(key));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // Both have just been read.
    }
    return credentials.build();
  }

  private static File certificates(String path) {
    return checked(
        path,
        stream -> {
          if (CertificateUtils.getX509Certificates(stream).length == 0) {
            throw new CertificateException("an empty file");
          }
        },
        "certificates in PEM",
        "Correct the file.");
  }

  private static File privateKey(String path) {
    return checked(
        path,
        CertificateUtils::getPrivateKey,
        "a private key in PKCS#8 (BEGIN PRIVATE KEY)",
        "Convert another key with `openssl pkcs8 -topk8 -nocrypt`.");
  }

  private static File checked(String path, Check check, String expected, String remedy) {
    String found;
    try (InputStream stream = Files.newInputStream(Path.of(path))) {
      check.accept(stream);
      return new File(path);
    } catch (IOException e) {
      found = "no file that can be read";
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      found = "none";
    }
    throw HuggingFaceException.invalidConfig(
        "expected " + expected + " in " + path + ", found " + found, "tls", remedy, null);
  }

  private interface Check {
    void accept(InputStream stream) throws IOException, GeneralSecurityException;
  }
}
