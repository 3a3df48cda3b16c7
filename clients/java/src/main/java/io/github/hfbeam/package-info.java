/**
 * Hugging Face models in Java Beam pipelines.
 *
 * <pre>{@code
 * PCollection<Row> vectors =
 *     texts.apply(
 *         HuggingFace.embedding()
 *             .withModel("sentence-transformers/all-MiniLM-L6-v2")
 *             .at("localhost:8097"));
 * }</pre>
 *
 * <p>{@link io.github.hfbeam.HuggingFace} starts a config, {@link io.github.hfbeam.HandlerConfig#at
 * at} makes a transform of it. While the pipeline is built, an expansion service ({@code hf-beam
 * serve}) checks the config and says what the rows that come back look like; the model itself runs
 * in Python workers, next to the Java ones.
 */
package io.github.hfbeam;
