/**
 * Classes for the results of models, for the field {@code inference} of your own class.
 *
 * <pre>{@code
 * @DefaultSchema(JavaFieldSchema.class)
 * public class Mood {
 *   public String example;
 *   public Label inference;
 * }
 * }</pre>
 *
 * <p>Each class has a Beam schema with the fields of one kind of result. If a task returns several
 * results, use a list of the class. {@link io.github.hfbeam.Results} explains how rows become
 * instances.
 */
package io.github.hfbeam.results;
