package io.github.hfbeam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hfbeam.results.Label;
import java.util.List;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.schemas.JavaBeanSchema;
import org.apache.beam.sdk.schemas.JavaFieldSchema;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaCreate;
import org.apache.beam.sdk.transforms.Create;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A class whose instances Beam cannot create is refused while the pipeline is built. */
class CreationTest {

  private static final Schema LABEL =
      Schema.builder().addStringField("label").addDoubleField("score").build();
  private static final Schema ROWS =
      Schema.builder()
          .addStringField("example")
          .addArrayField("inference", FieldType.row(LABEL))
          .build();

  @ParameterizedTest
  @ValueSource(
      classes = {
        WithoutConstructor.class,
        WithoutNames.class,
        Abstract.class,
        Interface.class,
        Inner.class,
        Private.class,
        PrivateConstructor.class,
        BeanWithoutConstructor.class,
        Nested.class
      })
  void aClassThatBeamCannotCreateIsRefused(Class<?> type) {
    HuggingFaceException refusal = assertThrows(HuggingFaceException.class, () -> apply(type));
    assertEquals("InvalidOutputType", refusal.code(), refusal.getMessage());
    assertTrue(refusal.getMessage().contains(type.getSimpleName()), refusal.getMessage());
    assertEquals(1, refusal.getMessage().lines().count(), refusal.getMessage());
  }

  @Test
  void theErrorSaysWhatToDo() {
    HuggingFaceException refusal =
        assertThrows(HuggingFaceException.class, () -> apply(WithoutConstructor.class));
    assertTrue(
        refusal
            .getMessage()
            .startsWith(
                "InvalidOutputType: expected a class that Beam can create, found"
                    + " WithoutConstructor ("),
        refusal.getMessage());
    assertTrue(refusal.getMessage().contains("compile the latter with -parameters"));
  }

  @ParameterizedTest
  @ValueSource(classes = {Plain.class, PackagePrivate.class, Bean.class, Picky.class})
  void aClassThatBeamCanCreateIsAccepted(Class<?> type) {
    apply(type);
  }

  @Test
  void aClassWithNamesOfParametersIsAccepted() {
    Pipeline.create().apply(Create.empty(LABEL)).apply(Results.to(Label.class));
  }

  private static void apply(Class<?> type) {
    Pipeline.create().apply(Create.empty(ROWS)).apply(Results.to(type));
  }

  @DefaultSchema(JavaFieldSchema.class)
  public static class Plain {
    public String example;
    public List<Label> inference;
  }

  @DefaultSchema(JavaFieldSchema.class)
  static class PackagePrivate {
    public String example;
  }

  @DefaultSchema(JavaBeanSchema.class)
  public static class Bean {
    private String example;

    public String getExample() {
      return example;
    }

    public void setExample(String example) {
      this.example = example;
    }
  }

  /** Does not accept the empty string of a sample, as a class may. */
  @DefaultSchema(JavaBeanSchema.class)
  public static class Picky {
    private String example;

    public String getExample() {
      return example;
    }

    public void setExample(String example) {
      if (example.isEmpty()) {
        throw new IllegalArgumentException("empty");
      }
      this.example = example;
    }
  }

  @DefaultSchema(JavaFieldSchema.class)
  public static class WithoutConstructor {
    public String example;

    public WithoutConstructor(String example) {
      this.example = example;
    }
  }

  /** Tests are compiled without -parameters, so its parameter has no name. */
  @DefaultSchema(JavaFieldSchema.class)
  public static class WithoutNames {
    public final String example;

    @SchemaCreate
    public WithoutNames(String example) {
      this.example = example;
    }
  }

  @DefaultSchema(JavaFieldSchema.class)
  public abstract static class Abstract {
    public String example;
  }

  @DefaultSchema(JavaBeanSchema.class)
  public interface Interface {
    String getExample();

    void setExample(String example);
  }

  @DefaultSchema(JavaFieldSchema.class)
  public class Inner {
    public String example;
  }

  @DefaultSchema(JavaFieldSchema.class)
  private static class Private {
    public String example;
  }

  @DefaultSchema(JavaFieldSchema.class)
  public static class PrivateConstructor {
    public String example;

    private PrivateConstructor() {}
  }

  @DefaultSchema(JavaBeanSchema.class)
  public static class BeanWithoutConstructor {
    private String example;

    public BeanWithoutConstructor(String example) {
      this.example = example;
    }

    public String getExample() {
      return example;
    }

    public void setExample(String example) {
      this.example = example;
    }
  }

  @DefaultSchema(JavaFieldSchema.class)
  public static class Nested {
    public List<LabelWithoutConstructor> inference;
  }

  @DefaultSchema(JavaFieldSchema.class)
  public static class LabelWithoutConstructor {
    public String label;

    public LabelWithoutConstructor(String label) {
      this.label = label;
    }
  }
}
