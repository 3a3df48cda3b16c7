package hfbeamtest_test

import (
	"net"
	"reflect"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/passert"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
	"github.com/hf-beam/hf-beam/clients/go/hfbeamtest"
)

type vector struct {
	Text string `beam:"example"`
}

func init() {
	beam.RegisterType(reflect.TypeFor[vector]())
}

var model string

func TestMain(m *testing.M) {
	beam.Init()
	hfbeamtest.Main(func(shared *hfbeamtest.Shared) (int, error) {
		model = shared.TinyModel("feature-extraction")
		return m.Run(), nil
	})
}

func TestAServiceRunsPipelinesUntilItIsStopped(t *testing.T) {
	service, err := hfbeamtest.Start(model)
	if err != nil {
		t.Fatal(err)
	}
	p, s := beam.NewPipelineWithRoot()
	vectors, err := hfbeam.Infer[vector](s, hfbeam.Embedding{Model: model}, service.Address, beam.Create(s, "a", "b"))
	if err == nil {
		passert.Count(s, vectors, "vectors", 2)
		_, err = service.Run(p)
	}
	if err != nil {
		t.Error(err)
	}
	if err := service.Stop(); err != nil {
		t.Error(err)
	}
	if connection, err := net.Dial("tcp", service.Address); err == nil {
		connection.Close()
		t.Errorf("expected a service that has stopped, found one at %s", service.Address)
	}
}
