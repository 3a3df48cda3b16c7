package io.github.hfbeam;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.stream.Stream;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.util.SerializableUtils;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A service that asks clients for their certificates, and clients that have some, or not. */
@ExtendWith(HfBeamExtension.class)
class TlsTest {

  private static final Path CERTIFICATES = Checkout.target("certificates");
  private static final Path CA = CERTIFICATES.resolve("ca.pem");
  private static final Path CERTIFICATE = CERTIFICATES.resolve("client.example.org.pem");
  private static final Path KEY = CERTIFICATES.resolve("client.example.org.pkcs8");

  private static SecuredService secured;

  private final HfBeamService service;

  TlsTest(HfBeamService service) {
    this.service = service;
  }

  @BeforeAll
  static void start(HfBeamService service) throws IOException, InterruptedException {
    Checkout.python(
        Path.of("src/test/resources/certificates.py").toAbsolutePath().toString(),
        CERTIFICATES.toString());
    secured =
        new SecuredService(
            service,
            "--tls-cert=" + CERTIFICATES.resolve("localhost.pem"),
            "--tls-key=" + CERTIFICATES.resolve("localhost.key"),
            "--tls-client-ca=" + CA);
  }

  @AfterAll
  static void stop() throws InterruptedException {
    secured.stop();
  }

  @Test
  void aKnownClientIsServed() {
    Inference embed = embed(Tls.trusting(CA).withClientCertificate(CERTIFICATE, KEY));
    assertEquals(
        1, Job.run(service, pipeline -> pipeline.apply(Create.of("a")).apply(embed)).size());
  }

  @Test
  void theAuthoritiesOfTheJvmAreThoseOfTheSystem() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (InputStream stream = Files.newInputStream(CA)) {
      store.setCertificateEntry(
          "ours", CertificateFactory.getInstance("X.509").generateCertificate(stream));
    }
    Path file = CERTIFICATES.resolve("authorities.p12");
    try (OutputStream stream = Files.newOutputStream(file)) {
      store.store(stream, "password".toCharArray());
    }
    System.setProperty("javax.net.ssl.trustStore", file.toString());
    System.setProperty("javax.net.ssl.trustStorePassword", "password");
    try {
      PCollection<Row> rows = apply(embed(Tls.system().withClientCertificate(CERTIFICATE, KEY)));
      assertTrue(rows.getSchema().hasField("inference"));
    } finally {
      System.clearProperty("javax.net.ssl.trustStore");
      System.clearProperty("javax.net.ssl.trustStorePassword");
    }
  }

  @Test
  void whatHoldsItIsSerializable() {
    Inference embed = embed(Tls.trusting(CA).withClientCertificate(CERTIFICATE, KEY));
    SerializableUtils.ensureSerializable(embed);
    SerializableUtils.ensureSerializable(embed.withErrors("errors"));
  }

  @ParameterizedTest
  @MethodSource
  void otherClientsAreNotServed(Tls tls) {
    HuggingFaceException refusal = refusal(embed(tls));
    assertEquals("ServiceUnavailable", refusal.code(), refusal.getMessage());
  }

  static Stream<Tls> otherClientsAreNotServed() {
    return Stream.of(
        Tls.trusting(CA), Tls.system(), Tls.system().withClientCertificate(CERTIFICATE, KEY));
  }

  @Test
  void plaintextIsNotServed() {
    HuggingFaceException refusal = refusal(config().at(secured.address("localhost")));
    assertEquals("ServiceUnavailable", refusal.code(), refusal.getMessage());
  }

  @Test
  void aCertificateForAnotherHostIsNotTrusted() {
    Tls tls = Tls.trusting(CA).withClientCertificate(CERTIFICATE, KEY);
    HuggingFaceException refusal = refusal(config().at(secured.address("127.0.0.1"), tls));
    assertEquals("ServiceUnavailable", refusal.code(), refusal.getMessage());
  }

  @Test
  void filesThatAreNotWhatTheyShouldBeAreNamed() throws IOException {
    Path empty = Files.write(CERTIFICATES.resolve("empty.pem"), new byte[0]);
    Path traditional = CERTIFICATES.resolve("client.example.org.key");
    assertAll(
        () -> assertNamed(Path.of("none.pem"), Tls.trusting(Path.of("none.pem"))),
        () -> assertNamed(empty, Tls.trusting(empty)),
        () -> assertNamed(KEY, Tls.trusting(KEY)),
        () -> assertNamed(KEY, Tls.system().withClientCertificate(KEY, KEY)),
        () -> assertNamed(CA, Tls.system().withClientCertificate(CERTIFICATE, CA)),
        () -> {
          Tls tls = Tls.system().withClientCertificate(CERTIFICATE, traditional);
          assertTrue(assertNamed(traditional, tls).contains("openssl pkcs8"));
        });
  }

  private String assertNamed(Path file, Tls tls) {
    HuggingFaceException refusal = refusal(embed(tls));
    assertEquals("InvalidConfig", refusal.code(), refusal.getMessage());
    assertEquals("tls", refusal.path(), refusal.getMessage());
    assertTrue(refusal.getMessage().contains(file.toString()), refusal.getMessage());
    return refusal.getMessage();
  }

  private HuggingFaceException refusal(Inference embed) {
    return assertThrows(HuggingFaceException.class, () -> apply(embed));
  }

  private static PCollection<Row> apply(Inference embed) {
    return Pipeline.create().apply(Create.of("a text")).apply(embed);
  }

  private Inference embed(Tls tls) {
    return config().at(secured.address("localhost"), tls);
  }

  private EmbeddingConfig config() {
    return HuggingFace.embedding().withModel(service.tinyModel("feature-extraction"));
  }
}
