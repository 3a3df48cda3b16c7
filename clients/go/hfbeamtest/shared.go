package hfbeamtest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Shared is the service that the tests of the checkout share. tests/client_service.py starts it, and says what it has.
type Shared struct {
	Service
	// MiniLM is the directory of the real all-MiniLM-L6-v2.
	MiniLM string `json:"minilm"`
	// TinyModels is a directory with a directory for each task: models with random weights.
	TinyModels string `json:"tiny_models"`
	// Environment makes other services see the hub that this one sees.
	Environment map[string]string `json:"environment"`
}

// TinyModel is the directory of a model for a task.
func (s *Shared) TinyModel(task string) string { return filepath.Join(s.TinyModels, task) }

// Main is what TestMain does in the checkout: it calls run with the shared service, and ends the process with the exit
// code that run gives. The service is the one that HF_BEAM_TEST_SERVICE describes; without that variable Main starts one,
// for this package alone.
func Main(run func(*Shared) (code int, err error)) {
	code, err := withShared(run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func withShared(run func(*Shared) (int, error)) (int, error) {
	text := []byte(os.Getenv("HF_BEAM_TEST_SERVICE"))
	if len(text) == 0 {
		started, stop, err := startShared()
		if err != nil {
			return 0, err
		}
		defer stop()
		text = started
	}
	shared := &Shared{}
	if err := json.Unmarshal(text, shared); err != nil {
		return 0, err
	}
	for name, value := range shared.Environment {
		os.Setenv(name, value)
	}
	return run(shared)
}

// startShared starts the service for this process. It ends with its input: at stop, or when this process has ended.
func startShared() (description []byte, stop func(), err error) {
	root, err := Checkout()
	if err != nil {
		return nil, nil, err
	}
	command := exec.Command(filepath.Join(root, ".venv", "bin", "python"), "-m", "tests.client_service")
	command.Dir, command.Stderr = root, os.Stderr
	input, err := command.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := command.Start(); err != nil {
		return nil, nil, err
	}
	stop = func() { input.Close(); command.Wait() }
	line, err := bufio.NewReader(output).ReadBytes('\n')
	if err != nil {
		stop()
		return nil, nil, fmt.Errorf("the service did not start: %w", err)
	}
	return line, stop, nil
}
