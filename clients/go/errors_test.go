package hfbeam

import (
	"errors"
	"testing"
)

func TestErrorsOfTheServiceAreTakenApart(t *testing.T) {
	for text, expected := range map[string]Error{
		"InvalidConfig: expected an integer, found string \"x\" - at batching.max_batch_size. Correct the value. (request 1a2b)": {
			Code: "InvalidConfig", Path: "batching.max_batch_size", RequestID: "1a2b",
		},
		"ModelNotFound: no model x/y. (request 1a2b)": {
			Code: "ModelNotFound", RequestID: "1a2b",
		},
		"InvalidInputSchema: found a - at b. c - at inputs.text.": {
			Code: "InvalidInputSchema", Path: "inputs.text",
		},
		"InvalidConfig: two\nlines - at task. Do this (or that). (request 1a2b)": {
			Code: "InvalidConfig", Path: "task", RequestID: "1a2b",
		},
		"Unsafe: found (request forgery).": {
			Code: "Unsafe",
		},
	} {
		expected.Message = text
		if found := parseError(text); *found != expected {
			t.Errorf("expected %#v, found %#v", expected, *found)
		}
	}
}

func TestAnErrorOfNoKnownFormIsAFailureOfTheService(t *testing.T) {
	found := parseError("Traceback (most recent call last)")
	if found.Code != ServiceFailed || found.Message != "ServiceFailed: Traceback (most recent call last)" {
		t.Errorf("found %#v", found)
	}
}

func TestErrorsOfThisPackageHaveTheFormOfTheServices(t *testing.T) {
	made := newError(InvalidConfig, "expected a, found b", "a.b", "Do this.")
	if read := parseError(made.Message); *read != *made {
		t.Errorf("expected %#v, found %#v", *made, *read)
	}
}

func TestAnErrorUnwrapsToItsCause(t *testing.T) {
	cause := errors.New("no route")
	if err := newError(ServiceUnavailable, "expected a, found b", "", "Do this.").causedBy(cause); !errors.Is(err, cause) {
		t.Errorf("%v is not its cause", err)
	}
}
