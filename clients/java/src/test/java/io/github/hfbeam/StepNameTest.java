package io.github.hfbeam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.beam.model.pipeline.v1.RunnerApi.PTransform;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.util.construction.PipelineTranslation;
import org.apache.beam.sdk.values.PCollection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A runner shows the names that the user gave, and finds them again in an updated pipeline. */
@ExtendWith(HfBeamExtension.class)
class StepNameTest {

  private final HfBeamService service;

  StepNameTest(HfBeamService service) {
    this.service = service;
  }

  @Test
  void theStepsOfATransformBeginWithTheUsersNameOfIt() {
    Set<String> names = namesOf("Judge");
    assertTrue(
        names.containsAll(Set.of("Judge", "Judge/Expand", "Judge/Expand/Finish")), names::toString);
    assertTrue(names.stream().noneMatch(name -> name.startsWith("external")), names::toString);
  }

  @Test
  void theNamesStayWhenAnotherTransformIsAddedBefore() {
    Set<String> names = namesOf("New", "Judge");
    names.removeIf(name -> name.startsWith("New"));
    assertEquals(namesOf("Judge"), names);
  }

  @Test
  void twoTransformsWithoutANameHaveDifferentNames() {
    List<String> names = names(null, null);
    assertEquals(new TreeSet<>(names).size(), names.size(), names::toString);
  }

  private Set<String> namesOf(String... steps) {
    return new TreeSet<>(names(steps));
  }

  /** The names of all transforms of a pipeline with these steps. */
  private List<String> names(String... steps) {
    Pipeline pipeline = Pipeline.create();
    PCollection<String> texts = pipeline.apply("Texts", Create.of("a day"));
    Inference judge =
        HuggingFace.pipeline("text-classification")
            .withModel(service.tinyModel("text-classification"))
            .at(service.address());
    for (String step : steps) {
      if (step == null) {
        texts.apply(judge);
      } else {
        texts.apply(step, judge);
      }
    }
    return PipelineTranslation.toProto(pipeline)
        .getComponents()
        .getTransformsMap()
        .values()
        .stream()
        .map(PTransform::getUniqueName)
        .collect(Collectors.toList());
  }
}
