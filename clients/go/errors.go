package hfbeam

import (
	"fmt"
	"regexp"
)

// The codes of errors. The first group is the Code of an *Error, the second the ErrorCode of a Failed element.
const (
	InvalidConfig      = "InvalidConfig"      // the config is not valid for the transform
	InvalidInputSchema = "InvalidInputSchema" // the input has no usable field, or an unsupported type
	InvalidOutputType  = "InvalidOutputType"  // the struct does not match the rows that come back
	UnknownTransform   = "UnknownTransform"   // the service has no transform with that name
	ModelNotFound      = "ModelNotFound"      // there is no such model, revision or directory
	ModelNotAllowed    = "ModelNotAllowed"    // the service's operator does not allow the model
	ModelUnsupported   = "ModelUnsupported"   // the model exists, but does not support this task, framework or version
	HubUnavailable     = "HubUnavailable"     // the hub did not answer, or asked the client to wait
	MissingDependency  = "MissingDependency"  // a package is not installed where the service runs
	RequestTooLarge    = "RequestTooLarge"    // the request exceeds the service's limits
	Unsafe             = "Unsafe"             // the request would run code, or read something it is not allowed to
	VersionMismatch    = "VersionMismatch"    // the workers have a different version of hf-beam
	InternalError      = "InternalError"      // the service failed on the request; its log has the details
	ServiceUnavailable = "ServiceUnavailable" // no service answers at the address
	ServiceFailed      = "ServiceFailed"      // this package does not understand the service's answer

	InvalidElement  = "InvalidElement"  // the element is not valid input for the model
	InferenceFailed = "InferenceFailed" // the model failed on the element
	OutOfMemory     = "OutOfMemory"     // the element does not fit into memory, even on its own
	InputTooLong    = "InputTooLong"    // the element is longer than the model's limit, and truncation is off
)

// Error says why a transform could not be built: what was expected, what was found, where, and what to do.
type Error struct {
	// Code is the kind of error, for programs.
	Code string
	// Path is the part of the config, the input row or the output row that the error is about. It is empty if the error is
	// not about such a part.
	Path string
	// RequestID is the ID under which the service logged the details. It is empty if the service was not reached.
	RequestID string
	// Message is the whole text, including the code.
	Message string

	cause error
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the underlying error, for example of the network, if there is one.
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

// parseError parses an error message of the service.
func parseError(text string) *Error {
	groups := errorText.FindStringSubmatch(text)
	if groups == nil {
		return &Error{Code: ServiceFailed, Message: ServiceFailed + ": " + text}
	}
	return &Error{Code: groups[1], Path: groups[2], RequestID: groups[3], Message: text}
}
