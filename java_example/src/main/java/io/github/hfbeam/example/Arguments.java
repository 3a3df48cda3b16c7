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

/** The command line. */
final class Arguments {

  private static final String QUERY = "--query=";

  private Arguments() {}

  static SemanticSearchOptions parse(String... args) {
    // Beam cuts lists of options at commas, and questions may have some.
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

  /** Beam's Java worker forgets to close a channel, which gRPC notes with a page of text. */
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
      // Checks the runner's own options, and that there is a runner.
      PipelineRunner.fromOptions(options);
      return options;
    } catch (IllegalArgumentException e) {
      // Beam goes on for lines.
      String sentence = e.getMessage().lines().findFirst().orElse("");
      throw new UsageException("Cannot use these options: " + sentence);
    }
  }
}
