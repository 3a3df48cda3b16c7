package io.github.hfbeam.example;

import java.util.List;
import org.apache.beam.sdk.options.Default;
import org.apache.beam.sdk.options.Description;
import org.apache.beam.sdk.options.PipelineOptions;

/** The options of {@link SemanticSearch}, in addition to Beam's own options. */
public interface SemanticSearchOptions extends PipelineOptions {

  @Description(
      "JSON-lines file of definitions, each with the strings \"term\" and \"text\". "
          + "Default: the bundled Jargon File.")
  String getInput();

  void setInput(String value);

  @Description("What to search for. You can repeat this option.")
  List<String> getQuery();

  void setQuery(List<String> value);

  @Description("Model that embeds definitions and queries.")
  @Default.String("sentence-transformers/all-MiniLM-L6-v2")
  String getModel();

  void setModel(String value);

  @Description("Address of the expansion service, HOST:PORT.")
  @Default.String("localhost:8097")
  String getService();

  void setService(String value);

  @Description("How many terms to print for each query.")
  @Default.Integer(5)
  int getNearest();

  void setNearest(int value);

  @Description(
      "JSON-lines file for the results. This program and all workers must be able to reach it. "
          + "Default: a temporary file, which works if all workers run on this machine.")
  String getOutput();

  void setOutput(String value);
}
