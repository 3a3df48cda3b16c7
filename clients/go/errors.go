package hfbeam

import (
	"fmt"
	"regexp"
)

// The codes of errors. The first group is the Code of an *Error, the second the ErrorCode of a Failed element.
const (
	InvalidConfig      = "InvalidConfig"      // the config is not what the transform takes
	InvalidInputSchema = "InvalidInputSchema" // the input has no usable field, or a type that cannot be carried
	InvalidOutputType  = "InvalidOutputType"  // the rows that come back do not fit the struct that is to hold them
	UnknownTransform   = "UnknownTransform"   // the service has no transform of that name
	ModelNotFound      = "ModelNotFound"      // no such model, revision or directory
	ModelNotAllowed    = "ModelNotAllowed"    // the operator of the service does not allow the model
	ModelUnsupported   = "ModelUnsupported"   // the model exists, but not for this task, framework or version
	HubUnavailable     = "HubUnavailable"     // the hub did not answer, or asked to wait
	MissingDependency  = "MissingDependency"  // a package is not installed where the service runs
	RequestTooLarge    = "RequestTooLarge"    // the request is over the service's limits
	Unsafe             = "Unsafe"             // the request would run code, or read what it may not
	ServiceUnavailable = "ServiceUnavailable" // no service answers at the address
	ServiceFailed      = "ServiceFailed"      // the service answered what this package does not understand

	InvalidElement  = "InvalidElement"  // the element is not what the model takes
	InferenceFailed = "InferenceFailed" // the model failed on the element
	OutOfMemory     = "OutOfMemory"     // the element does not fit into memory, even alone
	InputTooLong    = "InputTooLong"    // the element is longer than the model reads, and truncation is off
)

// Error says why a transform could not be built: what was expected, what was found, where, and what to do.
type Error struct {
	// Code is the kind of error, for programs.
	Code string
	// Path is the part of the config, of the input row or of the output row that is meant; empty where there is none.
	Path string
	// RequestID is what the service's log has the details under; empty where the service was not reached.
	RequestID string
	// Message is the whole text, code included.
	Message string

	cause error
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

// Unwrap is the error of the network behind this one, if there is one.
func (e *Error) Unwrap() error { return e.cause }

func newError(code, what, path, remedy string) *Error {
	place := ""
	if path != "" {
		place = " - at " + path
	}
	return &Error{Code: code, Path: path, Message: fmt.Sprintf("%s: %s%s. %s", code, what, place, remedy)}
}

func (e *Error) causedBy(cause error) *Error {
	e.cause = cause
	return e
}

// CODE: WHAT - at PATH. REMEDY (request ID), where WHAT may quote anything.
var errorText = regexp.MustCompile(`(?s)^([A-Z]\w+): (?:.* - at (.+?)\.(?: .*?)?|.*?)(?: \(request ([^()\s]+)\))?$`)

// parseError reads an error as the service writes it.
func parseError(text string) *Error {
	groups := errorText.FindStringSubmatch(text)
	if groups == nil {
		return &Error{Code: ServiceFailed, Message: ServiceFailed + ": " + text}
	}
	return &Error{Code: groups[1], Path: groups[2], RequestID: groups[3], Message: text}
}
