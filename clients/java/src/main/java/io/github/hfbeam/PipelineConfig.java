package io.github.hfbeam;

/** Runs a task of the transformers library; see {@link HuggingFace#pipeline(String)}. */
public final class PipelineConfig extends HandlerConfig<PipelineConfig> {

  PipelineConfig(ConfigDocument document) {
    super(document);
  }

  @Override
  PipelineConfig of(ConfigDocument document) {
    return new PipelineConfig(document);
  }

  /**
   * Sets the task.
   *
   * @param task a task of the transformers library, or an alias of one
   * @return this config with that task
   */
  public PipelineConfig withTask(String task) {
    return with("task", task);
  }
}
