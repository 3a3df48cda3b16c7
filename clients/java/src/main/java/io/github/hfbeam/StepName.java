package io.github.hfbeam;

import java.lang.reflect.Field;
import java.util.Optional;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.runners.TransformHierarchy;

/**
 * The names of steps, as the user gave them.
 *
 * <p>Beam does not send them to a service: it numbers the external transforms of a program,
 * "external2". Such a name changes when another transform is added before it, and runners find the
 * steps of a running pipeline by their names when it is updated.
 */
final class StepName {

  private StepName() {}

  /** Returns the full name of the step that is being applied, if this version of Beam has it. */
  static Optional<String> current(Pipeline pipeline) {
    try {
      Field transforms = Pipeline.class.getDeclaredField("transforms"); // There is no public way.
      transforms.setAccessible(true);
      TransformHierarchy hierarchy = (TransformHierarchy) transforms.get(pipeline);
      return Optional.of(hierarchy.getCurrent().getFullName());
    } catch (ReflectiveOperationException | RuntimeException e) {
      return Optional.empty();
    }
  }
}
