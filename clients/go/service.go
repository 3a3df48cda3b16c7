package hfbeam

import (
	"context"
	"fmt"
	"math"
	"net"
	"strconv"
	"time"

	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

const (
	connectLimit = 5 * time.Second
	answerLimit  = 2 * time.Minute // the service may have to wait for the hub
)

// checkAddress tells a mistyped address from a service that does not run.
func checkAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err == nil && host != "" {
		if number, err := strconv.ParseUint(port, 10, 16); err == nil && number > 0 {
			return nil
		}
	}
	return newError(InvalidConfig, fmt.Sprintf("expected HOST:PORT, found %q", address), "address",
		"Give the address that `hf-beam serve` printed, for example localhost:8097.")
}

// askService sends a request over a connection of its own. Beam's client would try five times, for up to two minutes,
// a service that does not run.
func askService(ctx context.Context, address string, request *jobpb.ExpansionRequest) (*jobpb.ExpansionResponse, error) {
	connection, err := grpc.NewClient("dns:///"+address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: backoff.DefaultConfig, MinConnectTimeout: connectLimit}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32)))
	if err != nil {
		return nil, unreachable(address, err.Error()).causedBy(err)
	}
	defer connection.Close()

	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	response, err := jobpb.NewExpansionServiceClient(connection).Expand(ctx, request)
	if err != nil {
		return nil, callFailed(address, status.Convert(err)).causedBy(err)
	}
	if response.GetError() != "" {
		return nil, parseError(response.GetError())
	}
	return response, nil
}

func callFailed(address string, s *status.Status) *Error {
	switch s.Code() {
	case codes.Unavailable:
		return unreachable(address, fmt.Sprintf("none (%s)", s.Message()))
	case codes.Unimplemented:
		return unreachable(address, fmt.Sprintf("a server that is none (%s)", s.Message()))
	case codes.DeadlineExceeded:
		return newError(ServiceUnavailable,
			fmt.Sprintf("expected an answer from %s within %v, found none", address, answerLimit), "",
			"Try again, or see the log of the service.")
	case codes.ResourceExhausted:
		return newError(RequestTooLarge,
			fmt.Sprintf("expected a request within the limits of %s, found one over them (%s)", address, s.Message()), "",
			"Shorten the config, or ask the operator for higher limits.")
	default:
		return newError(ServiceFailed,
			fmt.Sprintf("expected an answer from %s, found the status %v (%s)", address, s.Code(), s.Message()), "",
			"See the log of the service.")
	}
}

func unreachable(address, found string) *Error {
	return newError(ServiceUnavailable,
		fmt.Sprintf("expected an hf-beam service at %s, found %s", address, found), "",
		"Start one with `hf-beam serve`, or correct the address.")
}
