package hfbeam_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/hf-beam/hf-beam/clients/go/hfbeamtest"
)

// All tests share one really running service, and tiny models with random weights, in a directory for each task.
var (
	service *hfbeamtest.Service
	models  string
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
	models, err = os.MkdirTemp("", "tiny-models-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(models)
	if err := writeTinyModels(models); err != nil {
		return 0, err
	}
	service, err = hfbeamtest.Start(models)
	if err != nil {
		return 0, err
	}
	defer service.Stop()
	return m.Run(), nil
}

func writeTinyModels(directory string) error {
	root, err := hfbeamtest.Checkout()
	if err != nil {
		return err
	}
	python := exec.Command(filepath.Join(root, ".venv", "bin", "python"), "-m", "tests.tiny_models", directory)
	python.Dir = root
	if output, err := python.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot write the models: %w\n%s", err, output)
	}
	return nil
}

func tinyModel(task string) string { return filepath.Join(models, task) }
