package io.github.hfbeam;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the one {@link HfBeamService} of their JVM, found when the first of them asks, and
 * closed by JUnit after the last.
 */
public final class HfBeamExtension implements ParameterResolver {

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == HfBeamService.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(Namespace.create(HfBeamExtension.class))
        .getOrComputeIfAbsent(HfBeamService.class, key -> HfBeamService.find());
  }
}
