package io.github.hfbeam.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.hfbeam.CollectFn;
import io.github.hfbeam.HuggingFaceException;
import io.github.hfbeam.Runner;
import io.github.hfbeam.TypeNotation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TupleTag;

/**
 * Java's part of the contract suite: runs all cases in one pipeline and writes what came, without
 * judging it.
 *
 * <pre>ContractProgram --service=HOST:PORT --runner=HOST:PORT --cases=FILE --results=FILE</pre>
 */
public final class ContractProgram {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final String service;
  private final String[] runnerArgs;
  private final Pipeline pipeline;
  private final Map<String, Outcome> outcomes = new LinkedHashMap<>();

  private ContractProgram(String service, String runner) {
    this.service = service;
    this.runnerArgs = Runner.args(runner);
    this.pipeline = newPipeline();
  }

  public static void main(String[] args) throws IOException {
    Map<String, String> flags = flags(args);
    ContractProgram program = new ContractProgram(flags.get("service"), flags.get("runner"));
    for (JsonNode json : MAPPER.readTree(Path.of(flags.get("cases")).toFile())) {
      program.add(new Case(json));
    }
    Runner.run(program.pipeline);
    Files.write(Path.of(flags.get("results")), program.results());
    System.exit(0); // What the runner's client leaves behind would keep the program alive.
  }

  private static Map<String, String> flags(String[] args) {
    Map<String, String> flags = new LinkedHashMap<>();
    for (String arg : args) {
      String[] parts = arg.split("=", 2);
      flags.put(parts[0].substring(2), parts[1]);
    }
    return flags;
  }

  private void add(Case one) {
    try {
      // What is refused leaves half a branch: a pipeline that is never run takes it.
      one.build(newPipeline(), service);
    } catch (RuntimeException e) {
      outcomes.put(one.name(), () -> error(e));
      return;
    }
    Map<String, Output> outputs = new LinkedHashMap<>();
    PCollectionTuple collections = one.build(pipeline, service);
    for (Map.Entry<TupleTag<?>, PCollection<?>> output : collections.getAll().entrySet()) {
      String name = output.getKey().getId();
      @SuppressWarnings("unchecked") // All outputs of our transforms are rows.
      PCollection<Row> rows = (PCollection<Row>) output.getValue();
      outputs.put(name, new Output(rows, one.name() + ": collect " + name));
    }
    outcomes.put(one.name(), () -> json(outputs));
  }

  private List<String> results() {
    List<String> lines = new ArrayList<>();
    outcomes.forEach(
        (name, outcome) ->
            lines.add(
                MAPPER.createObjectNode().put("name", name).setAll(outcome.json()).toString()));
    return lines;
  }

  private Pipeline newPipeline() {
    return Pipeline.create(PipelineOptionsFactory.fromArgs(runnerArgs).create());
  }

  private static ObjectNode json(Map<String, Output> outputs) {
    ObjectNode json = MAPPER.createObjectNode();
    ObjectNode byName = json.putObject("outputs");
    outputs.forEach((name, output) -> byName.set(name, output.json()));
    return json;
  }

  /** An error that is none of ours counts as well: its class is its code. */
  private static ObjectNode error(RuntimeException e) {
    ObjectNode json = MAPPER.createObjectNode();
    ObjectNode error = json.putObject("error");
    if (e instanceof HuggingFaceException) {
      HuggingFaceException ours = (HuggingFaceException) e;
      error.put("code", ours.code()).put("path", ours.path());
    } else {
      error.put("code", e.getClass().getSimpleName()).put("path", "");
    }
    error.put("message", e.getMessage());
    return json;
  }

  /** What became of a case; the rows of outputs are known once the pipeline has run. */
  private interface Outcome {
    ObjectNode json();
  }

  private static final class Output {
    private final String type;
    private final CollectFn<Row> collect = new CollectFn<>();

    Output(PCollection<Row> rows, String name) {
      type = TypeNotation.show(rows.getSchema());
      rows.apply(name, ParDo.of(collect));
    }

    ObjectNode json() {
      ObjectNode json = MAPPER.createObjectNode().put("type", type);
      ArrayNode rows = json.putArray("rows");
      collect.elements().forEach(row -> rows.add(JsonValues.toJson(row.value)));
      return json;
    }
  }
}
