package io.github.hfbeam;

import java.util.Optional;
import org.apache.beam.model.pipeline.v1.ExternalTransforms.SchemaTransformPayload;
import org.apache.beam.sdk.coders.CoderException;
import org.apache.beam.sdk.coders.RowCoder;
import org.apache.beam.sdk.schemas.SchemaTranslation;
import org.apache.beam.sdk.util.CoderUtils;
import org.apache.beam.sdk.util.construction.External;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionTuple;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.vendor.grpc.v1p69p0.com.google.protobuf.ByteString;

/** Asks the service to expand a transform, and applies the result to a collection. */
final class Expansion {

  private static final String URN = "beam:expansion:payload:schematransform:v1";
  private static final String STEP = "Expand";

  private Expansion() {}

  static PCollectionTuple expand(
      PCollection<?> input, ConfigDocument config, Connection connection) {
    Optional<String> step = StepName.current(input.getPipeline()).map(name -> name + "/" + STEP);
    return PCollectionTuple.of("input", PortableInput.of(input))
        .apply(
            STEP,
            External.<PCollectionTuple, Row>of(
                    URN,
                    payload(config),
                    connection.toString(),
                    new ServiceClient(connection, step))
                .withMultiOutputs());
  }

  private static byte[] payload(ConfigDocument config) {
    Row row = config.toRow();
    return SchemaTransformPayload.newBuilder()
        .setIdentifier(config.identifier())
        .setConfigurationSchema(SchemaTranslation.schemaToProto(row.getSchema(), true))
        .setConfigurationRow(encode(row))
        .build()
        .toByteArray();
  }

  private static ByteString encode(Row row) {
    try {
      return ByteString.copyFrom(CoderUtils.encodeToByteArray(RowCoder.of(row.getSchema()), row));
    } catch (CoderException e) {
      throw new IllegalStateException("a row does not fit its own schema", e);
    }
  }
}
