package io.github.hfbeam.example;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;

/** The texts to search: JSON lines, each with a term and its text. */
final class Definitions {

  static final Schema SCHEMA =
      Schema.builder().addStringField("term").addStringField("definition").build();

  private static final String BUNDLED = "/jargon.jsonl";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Definitions() {}

  /**
   * Reads all definitions here, not on the workers: they fit into memory, the bundled definitions
   * are inside this program's jar, and a bad line is reported before anything runs.
   */
  static List<Row> read(String input) {
    String name = input == null ? "the bundled definitions" : input;
    try (InputStream stream = open(input);
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      List<Row> rows = new ArrayList<>();
      int number = 0;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        if (!line.isBlank()) {
          rows.add(parse(line, name + ", line " + number));
        }
      }
      if (rows.isEmpty()) {
        throw new UsageException("There are no definitions in " + name + ".");
      }
      return rows;
    } catch (NoSuchFileException e) {
      throw new UsageException("There is no file " + name + ".");
    } catch (IOException | InvalidPathException e) {
      throw new UsageException("Cannot read " + name + ": " + e.getMessage() + ".");
    }
  }

  private static InputStream open(String input) throws IOException {
    return input == null
        ? Definitions.class.getResourceAsStream(BUNDLED)
        : Files.newInputStream(Path.of(input));
  }

  private static Row parse(String line, String place) {
    JsonNode definition;
    try {
      definition = MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      throw new UsageException(
          "Expected a JSON object, found text that is not JSON: " + place + ".");
    }
    String term = string(definition, "term", place);
    String text = string(definition, "text", place);
    // Written as in a dictionary, because many texts do not repeat what the term already says.
    return Row.withSchema(SCHEMA).addValues(term, term + ": " + text).build();
  }

  private static String string(JsonNode definition, String field, String place) {
    JsonNode value = definition.path(field);
    if (!value.isTextual()) {
      throw new UsageException("Expected the string \"" + field + "\", found none: " + place + ".");
    }
    return value.textValue();
  }
}
