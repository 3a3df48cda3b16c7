package hfbeam_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log"
	"os"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal"
	hfbeam "github.com/hf-beam/hf-beam/clients/go"
)

var (
	secureAddress     = "hf-beam.example.com:8097"
	caFile            = "ca.pem" // the authority that signed the service's certificate
	certFile, keyFile = "client.pem", "client.key"
)

// secureConfig trusts the authority in caFile, and has a client certificate for services that require one.
func secureConfig() (*tls.Config, error) {
	ca, err := os.ReadFile(caFile)
	if err != nil {
		return nil, err
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(ca)
	certificate, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, err
	}
	return &tls.Config{RootCAs: trusted, Certificates: []tls.Certificate{certificate}}, nil
}

func ExampleWithTLS() {
	config, err := secureConfig()
	if err != nil {
		log.Fatal(err)
	}
	p, s := beam.NewPipelineWithRoot()
	reviews := beam.Create(s, Review{1, "I would buy it again."})
	judged, err := hfbeam.Infer[Judged](s, hfbeam.Pipeline{
		Model: "distilbert/distilbert-base-uncased-finetuned-sst-2-english",
		Task:  "text-classification",
	}, secureAddress, reviews, hfbeam.WithTLS(config))
	if err != nil {
		log.Fatal(err)
	}
	beam.ParDo0(s, printJudged, judged)

	if _, err := beam.Run(context.Background(), "universal", p); err != nil {
		log.Fatal(err)
	}
	// Output: 1 POSITIVE
}
