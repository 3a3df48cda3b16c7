package io.github.hfbeam;

import io.github.hfbeam.CollectFn.Timed;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TupleTag;

/** Runs pipelines on the service's runner and brings back what their collections held. */
final class Job {

  private Job() {}

  /** A pipeline that is built, not run. */
  static Pipeline pipeline(HfBeamService service) {
    return Pipeline.create(PipelineOptionsFactory.fromArgs(service.runnerArgs()).create());
  }

  static <T> List<Timed<T>> run(HfBeamService service, Function<Pipeline, PCollection<T>> build) {
    Pipeline pipeline = pipeline(service);
    CollectFn<T> collect = new CollectFn<>();
    build.apply(pipeline).apply("Collect", ParDo.of(collect));
    Runner.run(pipeline);
    return collect.elements();
  }

  /** The elements of each output, by its name. */
  static Map<String, List<Timed<Row>>> runTuple(
      HfBeamService service, Function<Pipeline, PCollectionTuple> build) {
    Pipeline pipeline = pipeline(service);
    Map<String, CollectFn<Row>> collectors = new HashMap<>();
    for (Map.Entry<TupleTag<?>, PCollection<?>> output :
        build.apply(pipeline).getAll().entrySet()) {
      String name = output.getKey().getId();
      CollectFn<Row> collect = new CollectFn<>();
      @SuppressWarnings("unchecked") // All outputs of our transforms are rows.
      PCollection<Row> rows = (PCollection<Row>) output.getValue();
      rows.apply("Collect " + name, ParDo.of(collect));
      collectors.put(name, collect);
    }
    Runner.run(pipeline);
    Map<String, List<Timed<Row>>> elements = new HashMap<>();
    collectors.forEach((name, collect) -> elements.put(name, collect.elements()));
    return elements;
  }
}
