package main

import (
	"bytes"
	"testing"

	"github.com/hf-beam/hf-beam/clients/go/hfbeamtest"
)

// All tests share one really running service, and a tiny classifier with random weights that reads 64 tokens.
var (
	service    *hfbeamtest.Shared
	classifier string
)

func TestMain(m *testing.M) {
	hfbeamtest.Main(func(shared *hfbeamtest.Shared) (int, error) {
		service, classifier = shared, shared.TinyModel("text-classification")
		return m.Run(), nil
	})
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
