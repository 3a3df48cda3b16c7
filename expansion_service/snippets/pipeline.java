import io.github.hfbeam.HuggingFace;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;

// Run with --runner=PortableRunner --jobEndpoint=localhost:8099 --defaultEnvironmentType=LOOPBACK
class Example {
  public static void main(String[] args) {
    Pipeline pipeline = Pipeline.create(PipelineOptionsFactory.fromArgs(args).create());
    pipeline
        .apply(Create.of("what a happy and good day", "a bad and sad end"))
        .apply(
            HuggingFace.pipeline("text-classification")
                .withModel("distilbert/distilbert-base-uncased-finetuned-sst-2-english")
                .at("localhost:8097"))
        .apply(
            MapElements.into(TypeDescriptors.voids())
                .via(
                    (Row row) -> {
                      Row answer = row.getRow("inference");
                      System.out.printf(
                          "%s: %s (%.3f)%n",
                          row.getString("example"),
                          answer.getString("label"),
                          answer.getDouble("score"));
                      return null;
                    }));
    pipeline.run().waitUntilFinish();
  }
}
