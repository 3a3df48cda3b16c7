package hfbeamtest

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// command returns the command that starts the service.
func command() []string {
	if words := strings.Fields(os.Getenv("HF_BEAM_COMMAND")); len(words) > 0 {
		return words
	}
	if root, err := Checkout(); err == nil {
		return []string{filepath.Join(root, ".venv", "bin", "hf-beam")}
	}
	return []string{"hf-beam"}
}

// Checkout returns the root directory of the hf-beam checkout that contains the working directory.
func Checkout() (string, error) {
	directory, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(directory, "expansion_service")); err == nil {
			return directory, nil
		}
		parent := filepath.Dir(directory)
		if parent == directory {
			return "", errors.New("this is not a checkout of hf-beam")
		}
		directory = parent
	}
}
