package hfbeam_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
	"github.com/hf-beam/hf-beam/clients/go/hfbeamtest"
)

// startWithTLS starts a service whose plans run on the workers of the one that all tests share. Certificates of the
// clients' authority are asked for where there is one.
func startWithTLS(t *testing.T, servers, clients *authority) string {
	t.Helper()
	cert, key := servers.forName(t, "localhost")
	options := []string{
		"--tls-cert", cert, "--tls-key", key, "--allow-model", models, "--environment", "external:" + service.WorkerPool,
	}
	if clients != nil {
		options = append(options, "--tls-client-ca", clients.ca)
	}
	started, err := hfbeamtest.Serve(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { started.Stop() })
	_, port, _ := net.SplitHostPort(started.Address)
	return net.JoinHostPort("localhost", port) // the certificate is for a name
}

// trusting is the config of a client that trusts an authority.
func trusting(t *testing.T, a *authority) *tls.Config {
	t.Helper()
	ca, err := os.ReadFile(a.ca)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	return &tls.Config{RootCAs: pool}
}

// knownBy is trusting of a client that has a certificate of an authority.
func knownBy(t *testing.T, trusted, a *authority) *tls.Config {
	t.Helper()
	certificate, err := tls.LoadX509KeyPair(a.forName(t, "client"))
	if err != nil {
		t.Fatal(err)
	}
	config := trusting(t, trusted)
	config.Certificates = []tls.Certificate{certificate}
	return config
}

func TestAPipelineRunsThatWasBuiltOverTLS(t *testing.T) {
	servers := newAuthority(t)
	address := startWithTLS(t, servers, nil)
	p, s := beam.NewPipelineWithRoot()
	texts := beam.Create(s, "a cold night")
	config := hfbeam.Embedding{Model: tinyModel("feature-extraction"), Dimensions: 8}
	secured, err := hfbeam.Infer[vector](s, config, address, texts, hfbeam.WithTLS(trusting(t, servers)))
	if err != nil {
		t.Fatal(err)
	}
	// Another service in the same pipeline is spoken to in its own way.
	plain, err := hfbeam.Infer[vector](s, config, service.Address, texts)
	if err != nil {
		t.Fatal(err)
	}
	rows := collect[vector](t, s, beam.Flatten(s, secured, plain))
	run(t, p)

	if len(rows()) != 2 || len(rows()[0].Values) != 8 {
		t.Errorf("expected a vector by each service, found %v", rows())
	}
	for name, options := range map[string][]hfbeam.Option{
		"none trusted":      {},
		"the system's":      {hfbeam.WithTLS(nil)},
		"another authority": {hfbeam.WithTLS(trusting(t, newAuthority(t)))},
	} {
		t.Run(name, func(t *testing.T) { assertNotServed(t, address, options...) })
	}
	t.Run("another name", func(t *testing.T) {
		config := trusting(t, servers)
		config.ServerName = "example.org"
		assertNotServed(t, address, hfbeam.WithTLS(config))
	})
	t.Run("a service without TLS", func(t *testing.T) {
		assertNotServed(t, service.Address, hfbeam.WithTLS(trusting(t, servers)))
	})
}

func TestAServiceMayAskForTheCertificateOfAClient(t *testing.T) {
	servers, clients := newAuthority(t), newAuthority(t)
	address := startWithTLS(t, servers, clients)
	_, s := beam.NewPipelineWithRoot()
	reviews := beam.Create(s, review{1, "It works."})
	_, _, err := hfbeam.InferWithErrors[judged, review](s, hfbeam.Pipeline{Model: tinyModel("text-classification")}, address,
		reviews, hfbeam.WithTLS(knownBy(t, servers, clients)))
	if err != nil {
		t.Fatal(err)
	}
	assertNotServed(t, address, hfbeam.WithTLS(trusting(t, servers)))
	assertNotServed(t, address, hfbeam.WithTLS(knownBy(t, servers, newAuthority(t))))
}

// assertNotServed is for what only the network knows to be wrong: the client is told to look at its TLS settings.
func assertNotServed(t *testing.T, address string, options ...hfbeam.Option) {
	t.Helper()
	_, s := beam.NewPipelineWithRoot()
	_, err := hfbeam.Infer[vector](s, hfbeam.Embedding{Model: tinyModel("feature-extraction")}, address,
		beam.Create(s, "a text"), options...)
	assertError(t, err, hfbeam.ServiceUnavailable, "", address)
	assertError(t, err, hfbeam.ServiceUnavailable, "", "TLS")
}
