package hfbeam_test

import (
	"net"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

func askAt(address string) error {
	_, s := beam.NewPipelineWithRoot()
	_, err := hfbeam.Infer[vector](s, hfbeam.Embedding{Model: "m"}, address, beam.Create(s, "a text"))
	return err
}

func TestAServiceThatDoesNotRunIsAnErrorWithinSeconds(t *testing.T) {
	listener := listen(t)
	address := listener.Addr().String()
	listener.Close()
	assertUnavailable(t, address, address)
}

func TestAServerThatSaysNothingIsAnErrorWithinSeconds(t *testing.T) {
	address := listen(t).Addr().String()
	assertUnavailable(t, address, address)
}

func TestAHostThatDoesNotExistIsAnErrorWithinSeconds(t *testing.T) {
	assertUnavailable(t, "no-such-host.invalid:8097", "no-such-host.invalid")
}

func TestAnotherKindOfServerIsAnError(t *testing.T) {
	assertUnavailable(t, service.Runner, "found a different server")
}

func TestWhatIsNoAddressIsAnError(t *testing.T) {
	for _, address := range []string{
		"", "localhost", ":8097", "localhost:", "localhost:x", "localhost:0", "localhost:65536", "http://localhost:8097",
	} {
		assertError(t, askAt(address), hfbeam.InvalidConfig, "address", "expected HOST:PORT")
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}

func assertUnavailable(t *testing.T, address, says string) {
	t.Helper()
	start := time.Now()
	err := askAt(address)
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("expected an answer within seconds, waited %v", took)
	}
	assertError(t, err, hfbeam.ServiceUnavailable, "", says)
	assertError(t, err, hfbeam.ServiceUnavailable, "", "`hf-beam serve`")
}
