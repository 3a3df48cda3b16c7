package io.github.hfbeam.example;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.beam.sdk.PipelineRunner;
import org.apache.beam.sdk.options.ApplicationNameOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.options.SdkHarnessOptions;
import org.apache.beam.sdk.options.SdkHarnessOptions.LogLevel;
import org.apache.beam.sdk.options.SdkHarnessOptions.SdkHarnessLogLevelOverrides;

/** Parses the command line. */
final class Arguments {

  private static final String QUERY = "--query=";

  private Arguments() {}

  static SemanticSearchOptions parse(String... args) {
    // Beam splits list options at commas, which queries may contain.
    Set<String> queries = new LinkedHashSet<>();
    List<String> others = new ArrayList<>();
    for (String arg : args) {
      if (arg.startsWith(QUERY)) {
        queries.add(arg.substring(QUERY.length()));
      } else {
        others.add(arg);
      }
    }
    SemanticSearchOptions options = parseOptions(others);
    options.setQuery(List.copyOf(queries));
    if (queries.isEmpty()) {
      throw new UsageException("Expected at least one query, found none: give --query=\"…\".");
    }
    if (options.getNearest() < 1) {
      throw new UsageException(
          "Expected --nearest of 1 or more, found " + options.getNearest() + ".");
    }
    quieten(options.as(SdkHarnessOptions.class));
    return options;
  }

  /** Beam's Java worker does not close a channel, and gRPC logs a long warning about it. */
  private static void quieten(SdkHarnessOptions options) {
    if (options.getSdkHarnessLogLevelOverrides() == null) {
      options.setSdkHarnessLogLevelOverrides(
          new SdkHarnessLogLevelOverrides()
              .addOverrideForName("org.apache.beam.vendor.grpc", LogLevel.OFF));
    }
  }

  private static SemanticSearchOptions parseOptions(List<String> args) {
    try {
      SemanticSearchOptions options =
          PipelineOptionsFactory.fromArgs(args.toArray(new String[0]))
              .as(SemanticSearchOptions.class);
      options.as(ApplicationNameOptions.class).setAppName(SemanticSearch.class.getSimpleName());
      // This checks that there is a runner, and checks the runner's own options.
      PipelineRunner.fromOptions(options);
      return options;
    } catch (IllegalArgumentException e) {
      // Beam's message has several lines.
      String sentence = e.getMessage().lines().findFirst().orElse("");
      throw new UsageException("Cannot use these options: " + sentence);
    }
  }
}
