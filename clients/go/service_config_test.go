package hfbeam_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

func TestConfigsHaveTheFieldsThatTheServiceHas(t *testing.T) {
	connection, err := grpc.NewClient(service.Address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	transforms, err := jobpb.NewExpansionServiceClient(connection).DiscoverSchemaTransform(t.Context(),
		&jobpb.DiscoverSchemaTransformRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for name, config := range map[string]hfbeam.Config{
		"pipeline": hfbeam.Pipeline{}, "embedding": hfbeam.Embedding{}, "tensor": hfbeam.Tensor{},
	} {
		schema := transforms.GetSchemaTransformConfigs()["beam:schematransform:hf_beam:"+name+":v1"].GetConfigSchema()
		expected := leaves(schema)
		found := append(jsonNames(reflect.TypeOf(config)), "error_handling.output") // which InferWithErrors gives
		slices.Sort(found)
		if !slices.Equal(expected, found) {
			t.Errorf("expected in %s %q, found %q", name, expected, found)
		}
	}
}

// leaves are the paths of a schema's fields, without the rows that hold others.
func leaves(schema *pipepb.Schema) []string {
	var paths []string
	for _, field := range schema.GetFields() {
		if row := field.GetType().GetRowType(); row != nil {
			for _, path := range leaves(row.GetSchema()) {
				paths = append(paths, field.GetName()+"."+path)
			}
		} else {
			paths = append(paths, field.GetName())
		}
	}
	slices.Sort(paths)
	return paths
}

func jsonNames(config reflect.Type) []string {
	var paths []string
	for i := range config.NumField() {
		name, _, _ := strings.Cut(config.Field(i).Tag.Get("json"), ",")
		if field := config.Field(i); field.Anonymous {
			paths = append(paths, jsonNames(field.Type)...)
		} else if field := field.Type; field.Kind() == reflect.Struct {
			for _, path := range jsonNames(field) {
				paths = append(paths, name+"."+path)
			}
		} else {
			paths = append(paths, name)
		}
	}
	return paths
}
