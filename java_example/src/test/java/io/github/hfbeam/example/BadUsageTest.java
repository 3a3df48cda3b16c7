package io.github.hfbeam.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be used is said in one line, before anything runs. */
class BadUsageTest {

  private static final List<String> GOOD =
      List.of("--query=anything", "--runner=PortableRunner", "--jobEndpoint=localhost:1");
  private static final int USAGE = 2;
  private static final int FAILED = 1;

  @TempDir Path directory;

  @Test
  void noQueryIsSaidSo() {
    assertSays(USAGE, "Expected at least one query, found none", GOOD.subList(1, 3));
  }

  @Test
  void noRunnerIsSaidSo() {
    assertSays(USAGE, "No Runner was specified", GOOD.subList(0, 1));
  }

  @Test
  void noAddressOfTheRunnerIsSaidSo() {
    assertSays(USAGE, "Job service endpoint", GOOD.subList(0, 2));
  }

  @Test
  void anUnknownOptionIsSaidSo() {
    assertSays(USAGE, "Did you mean 'nearest'?", "--neares=3");
  }

  @Test
  void aNumberThatIsNoneIsSaidSo() {
    assertSays(USAGE, "many", "--nearest=many");
  }

  @Test
  void noNearestIsSaidSo() {
    assertSays(USAGE, "Expected --nearest of 1 or more, found 0", "--nearest=0");
  }

  @Test
  void aFileThatIsNotThereIsSaidSo() {
    assertSays(USAGE, "There is no file /no/such/file.", "--input=/no/such/file");
  }

  @Test
  void aDirectoryIsNoInput() {
    assertSays(USAGE, "Cannot read " + directory, "--input=" + directory);
  }

  @Test
  void aFileWithoutDefinitionsIsSaidSo() throws IOException {
    assertSays(USAGE, "There are no definitions in ", input("\n"));
  }

  @Test
  void aLineThatIsNotJsonIsNamed() throws IOException {
    String file = input("{\"term\": \"a\", \"text\": \"b\"}\nterm,text\n");
    assertSays(USAGE, "found text that is not JSON: " + file.substring(8) + ", line 2.", file);
  }

  @Test
  void aLineWithoutATermIsNamed() throws IOException {
    String file = input("{\"text\": \"b\"}\n");
    assertSays(USAGE, "Expected the string \"term\", found none: ", file);
  }

  @Test
  void aServiceThatIsNotRunningIsSaidSo() {
    assertSays(FAILED, "ServiceUnavailable: ", "--service=localhost:1");
  }

  private String input(String lines) throws IOException {
    return "--input=" + Files.writeString(directory.resolve("input.jsonl"), lines);
  }

  private static void assertSays(int code, String sentence, String oneMore) {
    List<String> args = new ArrayList<>(GOOD);
    args.add(oneMore);
    assertSays(code, sentence, args);
  }

  private static void assertSays(int code, String sentence, List<String> args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    String[] array = args.toArray(new String[0]);
    assertEquals(code, SemanticSearch.execute(array, new PrintStream(out), new PrintStream(err)));
    String said = err.toString(StandardCharsets.UTF_8);
    assertTrue(said.contains(sentence), said);
    assertEquals(1, said.lines().count(), said);
    assertEquals("", out.toString(StandardCharsets.UTF_8));
  }
}
