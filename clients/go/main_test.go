package hfbeam_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/hf-beam/hf-beam/clients/go/hfbeamtest"
)

// All tests share a really running service. Another one, on the same workers, speaks TLS and asks its clients for a
// certificate.
var (
	service *hfbeamtest.Shared

	secured          string
	servers, clients *authority
)

func TestMain(m *testing.M) {
	beam.Init()
	hfbeamtest.Main(func(shared *hfbeamtest.Shared) (int, error) {
		service = shared
		scratch, err := os.MkdirTemp("", "hfbeam-test-")
		if err != nil {
			return 0, err
		}
		defer os.RemoveAll(scratch)
		servers, clients = newAuthority(filepath.Join(scratch, "servers")), newAuthority(filepath.Join(scratch, "clients"))
		secure, err := startWithTLS("--tls-client-ca", clients.ca)
		if err != nil {
			return 0, err
		}
		defer secure.Stop()
		secured = byName(secure)
		prepareExamples()
		return m.Run(), nil
	})
}

// prepareExamples gives the examples what a user would write into them.
func prepareExamples() {
	address, secureAddress = service.Address, secured
	caFile = servers.ca
	certFile, keyFile = clients.issue("client")
	*jobopts.Endpoint, *jobopts.EnvironmentType = service.Runner, "LOOPBACK"
}

func tinyModel(task string) string { return service.TinyModel(task) }

// startWithTLS starts a service with a certificate for localhost, whose transforms run on the workers of the other.
func startWithTLS(options ...string) (*hfbeamtest.Service, error) {
	cert, key := servers.issue("localhost")
	return hfbeamtest.Serve(append([]string{
		"--tls-cert", cert, "--tls-key", key, "--environment", "external:" + service.WorkerPool, "--allow-model", service.TinyModels,
		"--allow-model", "distilbert/*",
	}, options...)...)
}

// byName is the address of a service with the name that its certificate is for.
func byName(s *hfbeamtest.Service) string {
	return strings.Replace(s.Address, "127.0.0.1", "localhost", 1)
}
