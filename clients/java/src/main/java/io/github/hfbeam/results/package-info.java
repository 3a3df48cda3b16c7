/**
 * What models answer, as classes: for the field {@code inference} of a class of one's own.
 *
 * <pre>{@code
 * @DefaultSchema(JavaFieldSchema.class)
 * public class Mood {
 *   public String example;
 *   public Label inference;
 * }
 * }</pre>
 *
 * <p>Each has the fields of one kind of answer, and a Beam schema. Tasks that answer with several
 * give a list of them. {@link io.github.hfbeam.Results} says how rows become objects.
 */
package io.github.hfbeam.results;
