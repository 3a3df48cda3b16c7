package io.github.hfbeam;

/** A config that was read from JSON; see {@link HuggingFace#fromJson}. */
public final class JsonConfig extends HandlerConfig<JsonConfig> {

  JsonConfig(ConfigDocument document) {
    super(document);
  }

  @Override
  JsonConfig of(ConfigDocument document) {
    return new JsonConfig(document);
  }
}
