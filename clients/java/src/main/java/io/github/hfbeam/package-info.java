/**
 * Use Hugging Face models in Java Beam pipelines.
 *
 * <pre>{@code
 * PCollection<Row> vectors =
 *     texts.apply(
 *         HuggingFace.embedding()
 *             .withModel("sentence-transformers/all-MiniLM-L6-v2")
 *             .at("localhost:8097"));
 * }</pre>
 *
 * <p>Start a config with {@link io.github.hfbeam.HuggingFace}, and turn it into a transform with
 * {@link io.github.hfbeam.HandlerConfig#at at}. While the pipeline is built, an expansion service
 * ({@code hf-beam serve}) checks the config and returns the schema of the output rows. The model
 * itself runs in Python workers, next to the Java workers.
 */
package io.github.hfbeam;
