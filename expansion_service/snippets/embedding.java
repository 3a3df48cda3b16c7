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
            HuggingFace.embedding()
                .withModel("sentence-transformers/all-MiniLM-L6-v2")
                .at("localhost:8097"))
        .apply(
            MapElements.into(TypeDescriptors.voids())
                .via(
                    (Row row) -> {
                      System.out.printf(
                          "%s: %s%n",
                          row.getString("example"), row.<Float>getArray("inference"));
                      return null;
                    }));
    pipeline.run().waitUntilFinish();
  }
}
