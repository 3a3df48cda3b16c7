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
 * The TLS settings of a connection to the service; see {@link HandlerConfig#at(String, Tls)}.
 *
 * <pre>{@code
 * config.at("models.example.com:8097", Tls.trusting(Path.of("ca.pem")))
 * }</pre>
 *
 * <p>Files are in PEM format. They are read each time a transform is applied, on the machine that
 * builds the pipeline, and are not sent anywhere.
 */
public final class Tls implements Serializable {

  private static final long serialVersionUID = 1L;

  // Strings, because paths are not serializable. Null means the JVM's own authorities, and no
  // client certificate.
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
   * @return TLS without a client certificate
   */
  public static Tls system() {
    return new Tls(null, null, null);
  }

  /**
   * Trusts only the given certificate authorities.
   *
   * @param authorities a file with their certificates
   * @return TLS without a client certificate
   */
  public static Tls trusting(Path authorities) {
    return new Tls(Required.value(authorities, "tls").toString(), null, null);
  }

  /**
   * Presents a client certificate to a service that requires one (mTLS, {@code hf-beam serve
   * --tls-client-ca}).
   *
   * @param certificate a file with the client's certificate and any intermediate certificates
   * @param key a file with the private key, in PKCS#8 and without a password
   * @return these settings with a client certificate
   */
  public Tls withClientCertificate(Path certificate, Path key) {
    return new Tls(
        authorities,
        Required.value(certificate, "tls").toString(),
        Required.value(key, "tls").toString());
  }

  /**
   * Returns these settings as gRPC credentials.
   *
   * @throws HuggingFaceException {@code InvalidConfig} if a file is not valid; gRPC would only log
   *     this
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
      throw new UncheckedIOException(e); // The files could be read just now.
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
      found = "no readable file";
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
