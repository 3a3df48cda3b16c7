package io.github.hfbeam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hfbeam.CollectFn.Timed;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.Schema.TypeName;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The answers of tasks are rows with types. */
@ExtendWith(HfBeamExtension.class)
class PipelineTaskTest {

  private final HfBeamService service;

  PipelineTaskTest(HfBeamService service) {
    this.service = service;
  }

  @Test
  void aClassificationIsALabelAndAScore() {
    List<Row> answers = ask("text-classification", "good news", "bad news");
    assertEquals(2, answers.size());
    for (Row answer : answers) {
      Row inference = answer.getRow("inference");
      assertEquals(FieldType.STRING, inference.getSchema().getField("label").getType());
      assertEquals(FieldType.DOUBLE, inference.getSchema().getField("score").getType());
      double score = inference.getDouble("score");
      assertTrue(score > 0 && score <= 1, "score " + score);
    }
  }

  @Test
  void tokensAreAnArrayOfRows() {
    Row answer = ask("token-classification", "the house of my mother").get(0);
    FieldType type = answer.getSchema().getField("inference").getType();
    assertEquals(TypeName.ARRAY, type.getTypeName());
    Collection<Row> tokens = answer.getArray("inference");
    assertFalse(tokens.isEmpty());
    for (Row token : tokens) {
      assertTrue(token.getString("entity").length() > 0);
      assertTrue(token.getDouble("score") > 0);
      assertTrue(token.getString("word").length() > 0);
    }
  }

  private List<Row> ask(String task, String... texts) {
    List<Timed<Row>> output =
        Job.run(
            service,
            pipeline ->
                pipeline
                    .apply(Create.of(List.of(texts)))
                    .apply(
                        HuggingFace.pipeline(task)
                            .withModel(service.tinyModel(task))
                            .at(service.address())));
    return output.stream().map(element -> element.value).collect(Collectors.toList());
  }
}
