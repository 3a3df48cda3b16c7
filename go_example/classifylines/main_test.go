package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/hf-beam/hf-beam/clients/go/hfbeamtest"
)

// All tests share one really running service, and a tiny classifier with random weights that reads 64 tokens.
var (
	service    *hfbeamtest.Service
	classifier string
)

func TestMain(m *testing.M) {
	code, err := runTests(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func runTests(m *testing.M) (code int, err error) {
	models, err := os.MkdirTemp("", "tiny-models-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(models)
	root, err := hfbeamtest.Checkout()
	if err != nil {
		return 0, err
	}
	python := exec.Command(filepath.Join(root, ".venv", "bin", "python"), "-m", "tests.tiny_models", models)
	python.Dir = root
	if output, err := python.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("cannot write the models: %w\n%s", err, output)
	}
	classifier = filepath.Join(models, "text-classification")
	if service, err = hfbeamtest.Start(models); err != nil {
		return 0, err
	}
	defer service.Stop()
	return m.Run(), nil
}

// runWith runs the program with the options of a good run, and those given.
func runWith(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	all := append([]string{
		"--runner=universal", "--endpoint=" + service.Runner, "--environment_type=LOOPBACK",
		"--service=" + service.Address, "--model=" + classifier,
	}, args...)
	code = run(all, &out, &err)
	return code, out.String(), err.String()
}
