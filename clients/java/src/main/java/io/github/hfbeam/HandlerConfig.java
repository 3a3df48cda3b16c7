package io.github.hfbeam;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * The config of a transform: the model, and the fields that all transforms share.
 *
 * <p>Configs are immutable: each {@code with…} method returns a new one. Only the service checks
 * the fields, when the transform is applied, so that the rules are the same in all languages. Null
 * is never a value: all methods throw a {@link HuggingFaceException}, {@code InvalidConfig}, for
 * it.
 *
 * @param <SelfT> the config's own class
 */
public abstract class HandlerConfig<SelfT extends HandlerConfig<SelfT>> {

  private final ConfigDocument document;

  HandlerConfig(ConfigDocument document) {
    this.document = document;
  }

  abstract SelfT of(ConfigDocument document);

  final SelfT with(String field, Object value) {
    return of(document.with(field, value));
  }

  /**
   * Sets the model.
   *
   * @param model its id on the hub, or a directory that the service's operator allows
   * @return this config with that model
   */
  public final SelfT withModel(String model) {
    return with("model", model);
  }

  /**
   * Sets the version of the model.
   *
   * @param revision a branch, tag or commit; resolved to a commit when the transform is applied
   * @return this config with that revision
   */
  public final SelfT withRevision(String revision) {
    return with("revision", revision);
  }

  /**
   * Sets the framework that runs the model.
   *
   * @param framework {@code "pt"} (PyTorch) or {@code "tf"} (TensorFlow); by default, the framework
   *     of the model's files, or the one that is installed on the workers
   * @return this config with that framework
   */
  public final SelfT withFramework(String framework) {
    return with("framework", framework);
  }

  /**
   * Sets the dtype that the model computes in.
   *
   * @param dtype {@code "auto"} (the checkpoint's own dtype; the default), {@code "float32"},
   *     {@code "bfloat16"}, {@code "float16"} or {@code "fastest"} (chosen on the worker)
   * @return this config with that dtype
   */
  public final SelfT withDtype(String dtype) {
    return with("dtype", dtype);
  }

  /**
   * Computes with fewer bits: faster, and slightly less accurate.
   *
   * @param quantization {@code "int8"} (linear layers in 8 bits; PyTorch, on the CPU); by default,
   *     the model is not quantized
   * @return this config with that quantization
   */
  public final SelfT withQuantization(String quantization) {
    return with("quantization", quantization);
  }

  /**
   * Sets the device that the model runs on.
   *
   * @param device {@code "auto"} (the default), {@code "cpu"}, {@code "gpu"} (falls back to the
   *     CPU, with a warning) or {@code "gpu-required"}
   * @return this config with that device
   */
  public final SelfT withDevice(String device) {
    return with("device", device);
  }

  /**
   * Sets the maximum length of a text.
   *
   * @param tokens the maximum number of tokens; by default, the model's own limit
   * @return this config with that limit
   */
  public final SelfT withMaxLength(int tokens) {
    return with("max_length", tokens);
  }

  /**
   * Sets whether longer texts are truncated.
   *
   * @param truncation true (the default) truncates them, false makes them fail with {@code
   *     InputTooLong}
   * @return this config with or without truncation
   */
  public final SelfT withTruncation(boolean truncation) {
    return with("truncation", truncation);
  }

  /**
   * Sets arguments for loading the model.
   *
   * @param args names and values as the transformers library takes them
   * @return this config with these arguments
   */
  public final SelfT withLoadArgs(Map<String, ?> args) {
    return with("load_args", ConfigDocument.json(args, "load_args"));
  }

  /**
   * Sets arguments for each call of the model.
   *
   * @param args names and values as the transformers library takes them
   * @return this config with these arguments
   */
  public final SelfT withInferenceArgs(Map<String, ?> args) {
    return with("inference_args", ConfigDocument.json(args, "inference_args"));
  }

  /**
   * Sets where the service and the workers find the token for a gated model.
   *
   * @param reference {@code "env:NAME"} or {@code "file:/PATH"}, never the secret itself
   * @return this config with that reference
   */
  public final SelfT withToken(String reference) {
    return with("token", reference);
  }

  /**
   * Limits the number of elements in a forward pass.
   *
   * @param elements the maximum number of elements
   * @return this config with that limit
   */
  public final SelfT withMaxBatchSize(int elements) {
    return of(document.with("batching", "max_batch_size", elements));
  }

  /**
   * Limits the number of tokens in a forward pass, including padding.
   *
   * @param tokens the maximum number of tokens
   * @return this config with that limit
   */
  public final SelfT withMaxTokensPerBatch(int tokens) {
    return of(document.with("batching", "max_tokens_per_batch", tokens));
  }

  /**
   * Combines elements of several bundles in one forward pass, for unbounded inputs, whose bundles
   * are small.
   *
   * @param wait the maximum time that an element waits for others, in whole milliseconds; by
   *     default, only elements of the same bundle are combined
   * @return this config with that wait
   * @throws HuggingFaceException {@code InvalidConfig} if it is not a number of whole milliseconds
   */
  public final SelfT withMaxWait(Duration wait) {
    return of(
        document.with(
            "batching",
            "max_wait_ms",
            whole(wait, ChronoUnit.MILLIS, Duration::toMillis, "batching.max_wait_ms")));
  }

  /**
   * Loads newer commits of the model while the pipeline runs. Without this, the commit is the one
   * that was current when the transform was applied.
   *
   * @param watchRevision the branch or tag with the updates
   * @param interval the time between two checks for a newer commit, in whole seconds
   * @return this config with updates
   * @throws HuggingFaceException {@code InvalidConfig} if it is not a number of whole seconds
   */
  public final SelfT withUpdate(String watchRevision, Duration interval) {
    return of(
        document
            .with("update", "watch_revision", watchRevision)
            .with(
                "update",
                "interval_s",
                whole(interval, ChronoUnit.SECONDS, Duration::toSeconds, "update.interval_s")));
  }

  private static long whole(
      Duration duration, ChronoUnit unit, ToLongFunction<Duration> count, String path) {
    try {
      if (Required.value(duration, path).truncatedTo(unit).equals(duration)) {
        return count.applyAsLong(duration);
      }
    } catch (ArithmeticException e) {
      // Too many of them, which is as wrong as a part of one.
    }
    throw HuggingFaceException.invalidConfig(
        "expected a number of whole "
            + unit.toString().toLowerCase(Locale.ROOT)
            + ", found "
            + duration,
        path,
        "Round the duration.",
        null);
  }

  /**
   * Asks the runner for workers with an accelerator (a Beam resource hint).
   *
   * @param accelerator for example {@code "type:nvidia-tesla-t4;count:1"}
   * @return this config with that hint
   */
  public final SelfT withAccelerator(String accelerator) {
    return of(document.with("resources", "accelerator", accelerator));
  }

  /**
   * Asks the runner for workers with enough memory (a Beam resource hint).
   *
   * @param minRam for example {@code "8GiB"}
   * @return this config with that hint
   */
  public final SelfT withMinRam(String minRam) {
    return of(document.with("resources", "min_ram", minRam));
  }

  /**
   * Maps an argument of the model to a field of the input row. This is needed only if their names
   * differ and more than one field has a suitable type.
   *
   * @param argument the name of the argument, {@code "text"} for all models that take one text
   * @param field the name of the field
   * @return this config with that input
   */
  public final SelfT withInput(String argument, String field) {
    return of(document.with("inputs", argument, field));
  }

  /**
   * Returns the config as the JSON document that all languages and {@link HuggingFace#fromJson}
   * read.
   *
   * @return a JSON object
   */
  public final String toJson() {
    return document.toJson();
  }

  /**
   * Creates the transform, with a plaintext connection to the service. Use this on loopback, or on
   * a network that you trust.
   *
   * @param address the address of the expansion service, {@code "HOST:PORT"}; it is called each
   *     time the transform is applied
   * @return a transform from rows, strings, bytes or key-value pairs of these to rows
   * @throws HuggingFaceException {@code InvalidConfig} if the address is not valid
   */
  public final Inference at(String address) {
    return new Inference(document, new Connection(ServiceAddress.parse(address), null));
  }

  /**
   * Creates the transform, with a TLS connection to the service.
   *
   * @param address the address of the expansion service, {@code "HOST:PORT"}; its certificate must
   *     be for this host
   * @param tls the certificate authorities to trust, and the client certificate, if any
   * @return a transform from rows, strings, bytes or key-value pairs of these to rows
   * @throws HuggingFaceException {@code InvalidConfig} if the address is not valid
   */
  public final Inference at(String address, Tls tls) {
    return new Inference(
        document, new Connection(ServiceAddress.parse(address), Required.value(tls, "tls")));
  }
}
