import io.github.hfbeam.HuggingFace;
import java.util.List;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TypeDescriptors;

// Run with --runner=PortableRunner --jobEndpoint=localhost:8099 --defaultEnvironmentType=LOOPBACK
class Example {
  public static void main(String[] args) {
    Pipeline pipeline = Pipeline.create(PipelineOptionsFactory.fromArgs(args).create());
    Schema tokens =
        Schema.builder().addInt64Field("id").addArrayField("input_ids", FieldType.INT64).build();
    pipeline
        .apply(
            Create.of(
                    Row.withSchema(tokens).addValues(1L, List.of(101L, 2204L, 102L)).build(),
                    Row.withSchema(tokens).addValues(2L, List.of(101L, 2919L, 2154L, 102L)).build())
                .withRowSchema(tokens))
        .apply(
            HuggingFace.tensor()
                .withModel("distilbert/distilbert-base-uncased-finetuned-sst-2-english")
                .withTensorEncoding("array")
                .withOutputs("logits:float32[1]")
                .at("localhost:8097"))
        .apply(
            MapElements.into(TypeDescriptors.voids())
                .via(
                    (Row row) -> {
                      System.out.printf(
                          "%d: %s%n",
                          row.getInt64("id"), row.getRow("inference").<Float>getArray("logits"));
                      return null;
                    }));
    pipeline.run().waitUntilFinish();
  }
}
