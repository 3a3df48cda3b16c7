package io.github.hfbeam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Null is no value of any public method, and never the default. */
class NullTest {

  private static final Inference INFERENCE = HuggingFace.embedding().at("localhost:8097");

  /** An object of each class that users call methods of; for static ones, the class will do. */
  private static final Map<Class<?>, Object> OBJECTS =
      Map.of(
          HuggingFace.class, HuggingFace.class,
          PipelineConfig.class, HuggingFace.pipeline(),
          EmbeddingConfig.class, HuggingFace.embedding(),
          TensorConfig.class, HuggingFace.tensor(),
          JsonConfig.class, HuggingFace.fromJson("{}"),
          Tls.class, Tls.system(),
          Inference.class, INFERENCE,
          Results.class, Results.class);

  private static final Map<Class<?>, Object> VALUES =
      Map.of(
          String.class, "localhost:8097",
          Duration.class, Duration.ofSeconds(1),
          Map.class, Map.of(),
          Path.class, Path.of("ca.pem"),
          Tls.class, Tls.system(),
          String[].class, new String[] {"logits"},
          Class.class, ResultsTest.Mood.class);

  /** Each parameter of each method, with the arguments that have a null there. */
  static Stream<Arguments> parameters() {
    List<Arguments> parameters = new ArrayList<>();
    OBJECTS.forEach(
        (type, object) -> {
          for (Method method : type.getMethods()) {
            Class<?>[] types = method.getParameterTypes();
            for (int i = 0; isOurs(method) && i < types.length; i++) {
              if (!types[i].isPrimitive()) {
                parameters.add(Arguments.of(type.getSimpleName(), method, i, object));
              }
            }
          }
        });
    assertTrue(parameters.size() > 60, parameters.size() + " parameters");
    return parameters.stream();
  }

  private static boolean isOurs(Method method) {
    return method.getDeclaringClass().getPackage().equals(HuggingFace.class.getPackage())
        && !method.isBridge()
        && !Set.of("equals", "expand").contains(method.getName());
  }

  @ParameterizedTest(name = "{0}.{1}, parameter {2}")
  @MethodSource("parameters")
  void aNullIsRefused(String type, Method method, int position, Object object)
      throws IllegalAccessException {
    method.setAccessible(true); // Those of HandlerConfig are seen through its subclasses.
    Object[] arguments = Arrays.stream(method.getParameterTypes()).map(VALUES::get).toArray();
    arguments[position] = null;
    try {
      method.invoke(Modifier.isStatic(method.getModifiers()) ? null : object, arguments);
      throw new AssertionError("accepted");
    } catch (InvocationTargetException e) {
      HuggingFaceException refusal = (HuggingFaceException) e.getCause();
      boolean isClass = method.getParameterTypes()[position] == Class.class;
      assertEquals(isClass ? "InvalidOutputType" : "InvalidConfig", refusal.code());
      assertTrue(refusal.getMessage().contains(", found null"), refusal.getMessage());
      assertEquals(isClass, refusal.path().isEmpty(), refusal.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "withModel, model",
    "withLoadArgs, load_args",
    "withMaxWait, batching.max_wait_ms",
    "withAccelerator, resources.accelerator",
    "withOutputs, outputs",
  })
  void theErrorNamesTheField(String method, String path) {
    Method found =
        Arrays.stream(TensorConfig.class.getMethods())
            .filter(one -> one.getName().equals(method) && !one.isBridge())
            .findFirst()
            .orElseThrow();
    InvocationTargetException failure =
        assertThrows(
            InvocationTargetException.class,
            () -> found.invoke(HuggingFace.tensor(), new Object[] {null}));
    assertEquals(path, ((HuggingFaceException) failure.getCause()).path());
  }
}
