// Package hfbeamtest runs pipelines in tests, with a real service, workers and a runner:
//
//	func TestMain(m *testing.M) {
//		beam.Init()
//		service, err := hfbeamtest.Start("/models")
//		if err != nil {
//			log.Fatal(err)
//		}
//		code := m.Run()
//		service.Stop()
//		os.Exit(code)
//	}
package hfbeamtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal"
)

// startLimit is generous, because the service imports torch, which takes long on a busy machine.
const startLimit = 3 * time.Minute

// script runs the service until its standard input closes. This happens when the test stops the service, and also when the
// test process ends for any reason.
const script = `
exec 3<&0
"$@" </dev/null &
service=$!
{ read -r _ <&3; kill "$service"; } >/dev/null 2>&1 &
wait "$service"`

// Service is a running service.
type Service struct {
	// Address is the address of the expansion service, HOST:PORT.
	Address string `json:"address"`
	// Runner is the address of the job service, HOST:PORT.
	Runner string `json:"runner"`
	// WorkerPool is the address of the worker pool, HOST:PORT.
	WorkerPool string `json:"worker_pool"`

	input   io.Closer
	done    <-chan struct{}
	log     *bytes.Buffer
	scratch string
}

// Start starts a service with workers and a runner, and waits until it is ready. Pipelines may use the given models, which
// are patterns of hub ids, or directories.
func Start(models ...string) (*Service, error) {
	options := []string{"--runner-port", "0"}
	for _, model := range models {
		options = append(options, "--allow-model", model)
	}
	return Serve(options...)
}

// Serve starts `hf-beam serve` with these options, on free ports, and waits until it is ready. It uses the command in the
// environment variable HF_BEAM_COMMAND if it is set, otherwise hf-beam of the checkout that contains the test, otherwise
// hf-beam on the PATH.
func Serve(options ...string) (*Service, error) {
	scratch, err := os.MkdirTemp("", "hfbeamtest-")
	if err != nil {
		return nil, err
	}
	ready := filepath.Join(scratch, "ready.json")
	arguments := append([]string{"-c", script, "sh"}, command()...)
	arguments = append(arguments, "serve", "--port", "0", "--worker-pool-port", "0", "--ready-file", ready)
	arguments = append(arguments, options...)
	process := exec.Command("sh", arguments...)
	s := &Service{log: &bytes.Buffer{}, scratch: scratch}
	process.Stdout, process.Stderr = s.log, s.log
	if s.input, err = process.StdinPipe(); err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, err
	}
	done := make(chan struct{})
	s.done = done
	go func() {
		process.Wait()
		close(done)
	}()
	if err := s.readAddresses(ready); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// readAddresses waits for the file that the service writes once it is ready.
func (s *Service) readAddresses(path string) error {
	deadline := time.After(startLimit)
	for {
		text, err := os.ReadFile(path)
		if err == nil {
			return json.Unmarshal(text, s)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		select {
		case <-s.done:
			return fmt.Errorf("the service did not start:\n%s", s.log)
		case <-deadline:
			return fmt.Errorf("the service was not ready after %v", startLimit)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Stop stops the service, its workers and its runner.
func (s *Service) Stop() error {
	s.input.Close()
	<-s.done
	return os.RemoveAll(s.scratch)
}

// Run runs a pipeline and waits until it is done. The Go part runs in this process.
func (s *Service) Run(p *beam.Pipeline) (beam.PipelineResult, error) {
	*jobopts.Endpoint = s.Runner
	*jobopts.EnvironmentType = "LOOPBACK"
	return universal.Execute(context.Background(), p)
}
