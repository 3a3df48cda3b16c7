package io.github.hfbeam;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TupleTag;
import org.joda.time.Instant;

/** Runs pipelines on the service's runner and brings back what their collections held. */
final class Job {

  private Job() {}

  /** A pipeline that is built, not run. */
  static Pipeline pipeline(HfBeamService service) {
    return Pipeline.create(PipelineOptionsFactory.fromArgs(service.runnerArgs()).create());
  }

  static List<TimedRow> run(HfBeamService service, Function<Pipeline, PCollection<Row>> build) {
    return runTuple(service, pipeline -> PCollectionTuple.of("output", build.apply(pipeline)))
        .get("output");
  }

  /** The elements of each output, by its name. */
  static Map<String, List<TimedRow>> runTuple(
      HfBeamService service, Function<Pipeline, PCollectionTuple> build) {
    Pipeline pipeline = pipeline(service);
    Map<String, CollectFn> collectors = new HashMap<>();
    for (Map.Entry<TupleTag<?>, PCollection<?>> output :
        build.apply(pipeline).getAll().entrySet()) {
      String name = output.getKey().getId();
      CollectFn collect = new CollectFn();
      @SuppressWarnings("unchecked") // All outputs of our transforms are rows.
      PCollection<Row> rows = (PCollection<Row>) output.getValue();
      rows.apply("Collect " + name, ParDo.of(collect));
      collectors.put(name, collect);
    }
    pipeline.run().waitUntilFinish();
    Map<String, List<TimedRow>> elements = new HashMap<>();
    collectors.forEach((name, collect) -> elements.put(name, collect.elements()));
    return elements;
  }

  /** A row and its place in time. */
  static final class TimedRow {
    final Row row;
    final Instant timestamp;
    final BoundedWindow window;

    TimedRow(Row row, Instant timestamp, BoundedWindow window) {
      this.row = row;
      this.timestamp = timestamp;
      this.window = window;
    }
  }

  /** Workers of Java are in this JVM, so a static field is where all their copies of this meet. */
  private static final class CollectFn extends DoFn<Row, Void> {

    private static final long serialVersionUID = 1L;
    private static final Map<String, Queue<TimedRow>> COLLECTED = new ConcurrentHashMap<>();

    private final String id = UUID.randomUUID().toString();

    @ProcessElement
    public void process(@Element Row row, @Timestamp Instant timestamp, BoundedWindow window) {
      COLLECTED
          .computeIfAbsent(id, key -> new ConcurrentLinkedQueue<>())
          .add(new TimedRow(row, timestamp, window));
    }

    List<TimedRow> elements() {
      return new ArrayList<>(COLLECTED.getOrDefault(id, new ConcurrentLinkedQueue<>()));
    }
  }
}
