package io.github.hfbeam.example;

import io.github.hfbeam.EmbeddingConfig;
import io.github.hfbeam.HuggingFace;
import io.github.hfbeam.HuggingFaceException;
import io.github.hfbeam.InferenceWithErrors;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.io.TextIO;
import org.apache.beam.sdk.metrics.MetricNameFilter;
import org.apache.beam.sdk.metrics.MetricResult;
import org.apache.beam.sdk.metrics.MetricsFilter;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Reshuffle;
import org.apache.beam.sdk.transforms.Top;
import org.apache.beam.sdk.transforms.Values;
import org.apache.beam.sdk.transforms.View;
import org.apache.beam.sdk.transforms.WithKeys;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.PCollectionView;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;

/**
 * Finds the definitions that match the meaning of a query, even if they use other words.
 *
 * <pre>
 * SemanticSearch --query="a program that looks harmless but attacks your computer"
 * </pre>
 */
public final class SemanticSearch {

  private SemanticSearch() {}

  /** Reads the definitions, embeds them and the queries, and writes the closest terms per query. */
  static void build(Pipeline pipeline, SemanticSearchOptions options) {
    EmbeddingConfig embedding = HuggingFace.embedding().withModel(options.getModel());

    InferenceWithErrors embed =
        embedding.withInput("text", "definition").at(options.getService()).withErrors("errors");
    PCollectionTuple definitions =
        pipeline
            .apply(
                "Definitions",
                Create.of(Definitions.read(options.getInput())).withRowSchema(Definitions.SCHEMA))
            .apply("ShareAmongWorkers", Reshuffle.viaRandomKey())
            .apply("EmbedDefinitions", embed);

    PCollectionView<List<Row>> queries =
        pipeline
            .apply("Queries", Create.of(options.getQuery()))
            .apply("EmbedQueries", embedding.at(options.getService()))
            .apply("QueriesForAll", View.asList());

    definitions
        .get(InferenceWithErrors.OUTPUT)
        .apply("Score", ParDo.of(new ScoreFn()).withSideInput(ScoreFn.QUERIES, queries))
        .apply("ByQuery", WithKeys.of(Match::query).withKeyType(TypeDescriptors.strings()))
        .apply("Nearest", Top.largestPerKey(options.getNearest()))
        .apply("Ranked", Values.create())
        .apply("ToJson", ParDo.of(new ToJsonFn()))
        .apply("Write", TextIO.write().to(options.getOutput()).withoutSharding());

    definitions.get(embed.errors()).apply("Errors", ParDo.of(new ErrorFn()));
  }

  /** Runs the job, waits until it is done, and prints the results. */
  static void run(SemanticSearchOptions options, PrintStream out) throws IOException {
    long start = System.nanoTime();
    Pipeline pipeline = Pipeline.create(options);
    build(pipeline, options);
    PipelineResult result = pipeline.run();
    result.waitUntilFinish();
    double seconds = (System.nanoTime() - start) / 1e9;

    Results.read(options.getOutput()).print(options.getQuery(), out);
    out.printf(
        Locale.ROOT,
        "%n%,d definitions searched, %,d errors, %.1f s%n",
        count(result, "definitions"),
        count(result, "errors"),
        seconds);
  }

  private static long count(PipelineResult result, String counter) {
    MetricNameFilter name = MetricNameFilter.named(SemanticSearch.class, counter);
    Iterable<MetricResult<Long>> results =
        result
            .metrics()
            .queryMetrics(MetricsFilter.builder().addNameFilter(name).build())
            .getCounters();
    long sum = 0;
    for (MetricResult<Long> one : results) {
      sum += one.getAttempted();
    }
    return sum;
  }

  /**
   * Runs the example.
   *
   * @param args the options of {@link SemanticSearchOptions}, and Beam's own options
   */
  public static void main(String[] args) {
    System.exit(execute(args, System.out, System.err));
  }

  /** Returns the exit code: 2 if the user must correct the input, 1 for other failures. */
  static int execute(String[] args, PrintStream out, PrintStream err) {
    if (List.of(args).contains("--help")) {
      PipelineOptionsFactory.printHelp(out, SemanticSearchOptions.class);
      return 0;
    }
    try {
      SemanticSearchOptions options = Arguments.parse(args);
      if (options.getOutput() == null) {
        runWithTemporaryOutput(options, out);
      } else {
        run(options, out);
      }
      return 0;
    } catch (UsageException e) {
      err.println(e.getMessage());
      return 2;
    } catch (HuggingFaceException e) {
      err.println(e.getMessage());
      return 1;
    } catch (IOException | RuntimeException e) {
      err.println("The job failed: " + e);
      return 1;
    }
  }

  private static void runWithTemporaryOutput(SemanticSearchOptions options, PrintStream out)
      throws IOException {
    Path directory = Files.createTempDirectory("semantic-search");
    Path output = directory.resolve("results.jsonl");
    try {
      options.setOutput(output.toString());
      run(options, out);
    } finally {
      Files.deleteIfExists(output);
      Files.delete(directory);
    }
  }
}
