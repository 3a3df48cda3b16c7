package io.github.hfbeam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertIterableEquals;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What users compile against stays as it is in {@code public-surface.txt}, so that whoever reviews
 * a change sees what it does to the surface. {@code -Dwrite-golden} writes the file.
 */
class PublicSurfaceTest {

  private static final Path GOLDEN = Path.of("src/test/resources/public-surface.txt");

  @Test
  void publicClassesKeepTheirMembers() throws IOException, URISyntaxException {
    List<String> found = surface();
    if (System.getProperty("write-golden") != null) {
      Files.write(GOLDEN, found);
    }
    assertIterableEquals(Files.readAllLines(GOLDEN), found);
  }

  /** The classes as javap shows them to users, with their members in the order of the alphabet. */
  private static List<String> surface() throws IOException, URISyntaxException {
    Path classes =
        Path.of(HuggingFace.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.walk(classes)) {
      Stream<String> names = files.map(Path::toString).filter(name -> name.endsWith(".class"));
      String[] arguments =
          Stream.concat(Stream.of("-protected", "-constants"), names.sorted())
              .toArray(String[]::new);
      StringWriter output = new StringWriter();
      PrintWriter printer = new PrintWriter(output);
      ToolProvider javap = ToolProvider.findFirst("javap").orElseThrow();
      assertEquals(0, javap.run(printer, printer, arguments), output::toString);
      // Each declaration follows a line that names its source, in the words of the locale.
      return Stream.of(output.toString().split("(?m)^\\S.*\\.java\"$\\R"))
          .filter(declaration -> declaration.startsWith("public "))
          .flatMap(PublicSurfaceTest::sorted)
          .collect(Collectors.toList());
    }
  }

  private static Stream<String> sorted(String declaration) {
    Map<Boolean, List<String>> lines =
        declaration.lines().collect(Collectors.partitioningBy(line -> line.startsWith("  ")));
    Collections.sort(lines.get(true));
    List<String> braces = lines.get(false);
    return Stream.of(braces.subList(0, 1), lines.get(true), braces.subList(1, 2))
        .flatMap(List::stream);
  }
}
