package io.github.hfbeam;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/**
 * What to do with which model: the fields that all transforms share.
 *
 * <p>Configs never change: each {@code with…} returns a new one. Their fields are checked by the
 * service when the transform is applied, and only there, so that all languages have the same rules.
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
   * The model.
   *
   * @param model its id on the hub, or a directory that the operator of the service allows
   * @return this config with that model
   */
  public final SelfT withModel(String model) {
    return with("model", model);
  }

  /**
   * Which version of the model.
   *
   * @param revision a branch, tag or commit; resolved to a commit when the transform is applied
   * @return this config with that revision
   */
  public final SelfT withRevision(String revision) {
    return with("revision", revision);
  }

  /**
   * What runs the model.
   *
   * @param framework {@code "pt"} (PyTorch) or {@code "tf"} (TensorFlow); by default that of the
   *     model's files, or the one that the workers have
   * @return this config with that framework
   */
  public final SelfT withFramework(String framework) {
    return with("framework", framework);
  }

  /**
   * The type of number that the model computes with.
   *
   * @param dtype {@code "auto"} (the checkpoint's own; the default), {@code "float32"}, {@code
   *     "bfloat16"}, {@code "float16"} or {@code "fastest"} (chosen on the worker)
   * @return this config with that type
   */
  public final SelfT withDtype(String dtype) {
    return with("dtype", dtype);
  }

  /**
   * Fewer bits for the weights: faster, and a little less exact.
   *
   * @param quantization {@code "int8"} (linear layers in 8 bits; PyTorch, on the CPU); by default
   *     none
   * @return this config with that quantization
   */
  public final SelfT withQuantization(String quantization) {
    return with("quantization", quantization);
  }

  /**
   * Where the model computes.
   *
   * @param device {@code "auto"} (the default), {@code "cpu"}, {@code "gpu"} (falls back to the
   *     processor, with a warning) or {@code "gpu-required"}
   * @return this config with that device
   */
  public final SelfT withDevice(String device) {
    return with("device", device);
  }

  /**
   * How much of a text is read.
   *
   * @param tokens most tokens; by default the model's own limit
   * @return this config with that limit
   */
  public final SelfT withMaxLength(int tokens) {
    return with("max_length", tokens);
  }

  /**
   * What becomes of longer texts.
   *
   * @param truncation true (the default) cuts them, false makes them errors, {@code InputTooLong}
   * @return this config with or without truncation
   */
  public final SelfT withTruncation(boolean truncation) {
    return with("truncation", truncation);
  }

  /**
   * Arguments for loading the model.
   *
   * @param args names and values as the transformers library takes them
   * @return this config with these arguments
   */
  public final SelfT withLoadArgs(Map<String, ?> args) {
    return with("load_args", ConfigDocument.json(args, "load_args"));
  }

  /**
   * Arguments for each call of the model.
   *
   * @param args names and values as the transformers library takes them
   * @return this config with these arguments
   */
  public final SelfT withInferenceArgs(Map<String, ?> args) {
    return with("inference_args", ConfigDocument.json(args, "inference_args"));
  }

  /**
   * Where the service and the workers find the token for a gated model.
   *
   * @param reference {@code "env:NAME"} or {@code "file:/PATH"}, never the secret itself
   * @return this config with that reference
   */
  public final SelfT withToken(String reference) {
    return with("token", reference);
  }

  /**
   * Caps the elements of one forward pass.
   *
   * @param elements most elements
   * @return this config with that cap
   */
  public final SelfT withMaxBatchSize(int elements) {
    return of(document.with("batching", "max_batch_size", elements));
  }

  /**
   * Caps the tokens of one forward pass, padding counted.
   *
   * @param tokens most tokens
   * @return this config with that cap
   */
  public final SelfT withMaxTokensPerBatch(int tokens) {
    return of(document.with("batching", "max_tokens_per_batch", tokens));
  }

  /**
   * Gathers the elements of several bundles into one forward pass: for unbounded inputs, whose
   * bundles are small.
   *
   * @param wait how long an element waits for others at most, in whole milliseconds; by default it
   *     waits for none but those of its bundle
   * @return this config with that wait
   */
  public final SelfT withMaxWait(Duration wait) {
    return of(document.with("batching", "max_wait_ms", wait.toMillis()));
  }

  /**
   * Takes newer commits of the model while the pipeline runs. Without it the commit stays the one
   * that was found when the transform was applied.
   *
   * @param watchRevision the branch or tag to follow
   * @param interval how long between two looks at it, in whole seconds
   * @return this config with updates
   */
  public final SelfT withUpdate(String watchRevision, Duration interval) {
    return of(
        document
            .with("update", "watch_revision", watchRevision)
            .with("update", "interval_s", interval.toSeconds()));
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
   * Says which field of the input row is an argument of the model. Needed only where they are not
   * named alike and more than one field would fit.
   *
   * @param argument the model's name for it, {@code "text"} for all that takes one text
   * @param field the row's name for it
   * @return this config with that input
   */
  public final SelfT withInput(String argument, String field) {
    return of(document.with("inputs", argument, field));
  }

  /**
   * The config as the JSON document that all languages and {@link HuggingFace#fromJson} read.
   *
   * @return one JSON object
   */
  public final String toJson() {
    return document.toJson();
  }

  /**
   * The transform, by a service that is spoken to in plaintext: on loopback, or in a network that
   * you trust.
   *
   * @param address of the expansion service, {@code "HOST:PORT"}; it is asked each time the
   *     transform is applied
   * @return a transform from rows, strings, bytes or key-value pairs of these to rows
   * @throws HuggingFaceException {@code InvalidConfig} when this is no address
   */
  public final Inference at(String address) {
    return new Inference(document, new Connection(ServiceAddress.parse(address), null));
  }

  /**
   * The transform, by a service that is spoken to in TLS.
   *
   * @param address of the expansion service, {@code "HOST:PORT"}; its certificate must be for this
   *     host
   * @param tls whom to trust, and who this is
   * @return a transform from rows, strings, bytes or key-value pairs of these to rows
   * @throws HuggingFaceException {@code InvalidConfig} when this is no address
   */
  public final Inference at(String address, Tls tls) {
    return new Inference(
        document, new Connection(ServiceAddress.parse(address), Objects.requireNonNull(tls)));
  }
}
