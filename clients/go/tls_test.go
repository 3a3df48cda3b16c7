package hfbeam_test

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

// trusting is the config of a client that trusts an authority.
func trusting(a *authority) *tls.Config {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(must(os.ReadFile(a.ca)))
	return &tls.Config{RootCAs: pool}
}

// knownBy is the config of a client that has a certificate of an authority.
func knownBy(a *authority) *tls.Config {
	config := trusting(servers)
	config.Certificates = []tls.Certificate{must(tls.LoadX509KeyPair(a.issue("client")))}
	return config
}

func stranger(t *testing.T) *authority { return newAuthority(filepath.Join(t.TempDir(), "stranger")) }

func TestAPipelineRunsThatWasBuiltOverTLS(t *testing.T) {
	started, err := startWithTLS()
	if err != nil {
		t.Fatal(err)
	}
	defer started.Stop()
	p, s := beam.NewPipelineWithRoot()
	texts := beam.Create(s, "a cold night")
	config := hfbeam.Embedding{Model: tinyModel("feature-extraction"), Dimensions: 8}
	overTLS, err := hfbeam.Infer[vector](s, config, byName(started), texts, hfbeam.WithTLS(trusting(servers)))
	if err != nil {
		t.Fatal(err)
	}
	// Other services in the same pipeline are spoken to in their own way.
	known, err := hfbeam.Infer[vector](s, config, secured, texts, hfbeam.WithTLS(knownBy(clients)))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := hfbeam.Infer[vector](s, config, service.Address, texts)
	if err != nil {
		t.Fatal(err)
	}
	rows := collect[vector](t, s, beam.Flatten(s, overTLS, known, plain))
	run(t, p)

	if len(rows()) != 3 || len(rows()[0].Values) != 8 {
		t.Errorf("expected a vector by each service, found %v", rows())
	}
	assertNotServed(t, byName(started), hfbeam.WithTLS(nil)) // of no authority that the system trusts
}

func TestAServiceThatTheClientDoesNotTrustIsRefused(t *testing.T) {
	assertNotServed(t, secured)
	assertNotServed(t, service.Address, hfbeam.WithTLS(trusting(servers))) // it has no TLS
	config := knownBy(clients)
	config.ServerName = "example.org"
	assertNotServed(t, secured, hfbeam.WithTLS(config))
	config = knownBy(clients)
	config.RootCAs = trusting(stranger(t)).RootCAs
	assertNotServed(t, secured, hfbeam.WithTLS(config))
}

func TestAClientThatTheServiceDoesNotKnowIsRefused(t *testing.T) {
	assertNotServed(t, secured, hfbeam.WithTLS(trusting(servers)))
	assertNotServed(t, secured, hfbeam.WithTLS(knownBy(stranger(t))))
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
