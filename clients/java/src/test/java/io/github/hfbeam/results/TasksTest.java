package io.github.hfbeam.results;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hfbeam.Checkout;
import io.github.hfbeam.TypeNotation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.beam.sdk.schemas.NoSuchSchemaException;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.SchemaRegistry;
import org.junit.jupiter.api.Test;

/** What tasks answer, as docs/tasks has it from the service's own table, has classes. */
class TasksTest {

  private static final List<Class<?>> ANSWERS =
      List.of(
          Answer.class,
          Audio.class,
          Decision.class,
          Depth.class,
          DetectedObject.class,
          DocumentAnswer.class,
          Entity.class,
          EntityGroup.class,
          FilledMask.class,
          GeneratedText.class,
          KeypointMatch.class,
          Label.class,
          Mask.class,
          RankedLabels.class,
          Segment.class,
          Summary.class,
          TableAnswer.class,
          Tensor.class,
          TimedTranscript.class,
          Transcript.class,
          Translation.class,
          VisualAnswer.class);

  private static final Pattern ANSWER =
      Pattern.compile("- (?:gives|with `[a-z_]+`): `(.*)`", Pattern.MULTILINE);

  @Test
  void eachRowThatATaskGivesHasAClassAndEachClassATask() throws IOException {
    Set<String> classes = new TreeSet<>();
    ANSWERS.forEach(type -> classes.add(show(schema(type))));
    Set<String> tasks = new TreeSet<>();
    rowsOfTasks().forEach(row -> tasks.add(show(row)));
    assertEquals(String.join("\n", tasks), String.join("\n", classes));
  }

  @Test
  void resultsAreEqualWhenTheirFieldsAre() {
    Mask one = new Mask(new byte[] {1, 2}, 0.5);
    assertEquals(one, new Mask(new byte[] {1, 2}, 0.5));
    assertEquals(one.hashCode(), new Mask(new byte[] {1, 2}, 0.5).hashCode());
    assertFalse(one.equals(new Mask(new byte[] {1, 3}, 0.5)));
    assertEquals("Label[label=GOOD,score=0.5]", new Label("GOOD", 0.5).toString());
  }

  private static Stream<Schema> rowsOfTasks() throws IOException {
    List<FieldType> types = new ArrayList<>();
    try (Stream<Path> pages = Files.list(Checkout.file("docs/tasks"))) {
      for (Path page : pages.collect(Collectors.toList())) {
        Matcher answers = ANSWER.matcher(Files.readString(page));
        answers.results().forEach(found -> types.add(TypeNotation.parse(found.group(1))));
      }
    }
    assertTrue(types.size() > 30, types.size() + " answers");
    return types.stream().flatMap(TasksTest::rowsIn);
  }

  /** The row that an answer is, or is a list or map of. Vectors and pictures are none. */
  private static Stream<Schema> rowsIn(FieldType type) {
    switch (type.getTypeName()) {
      case ARRAY:
        return rowsIn(type.getCollectionElementType());
      case MAP:
        return rowsIn(type.getMapValueType());
      case ROW:
        return Stream.of(type.getRowSchema());
      default:
        return Stream.empty();
    }
  }

  /** In the order of names, as Java's reflection knows no other. */
  private static String show(Schema schema) {
    return TypeNotation.show(schema.sorted());
  }

  private static Schema schema(Class<?> type) {
    try {
      return SchemaRegistry.createDefault().getSchema(type);
    } catch (NoSuchSchemaException e) {
      throw new AssertionError(e);
    }
  }
}
