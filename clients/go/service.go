package hfbeam

import (
	"context"
	"crypto/tls"
	"fmt"
	"math"
	"net"
	"strconv"
	"time"

	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

const (
	connectLimit = 5 * time.Second
	answerLimit  = 2 * time.Minute // the service may have to wait for the hub
)

// connection is the address of a service, with its TLS settings.
type connection struct {
	address string
	tls     *tls.Config // nil for plaintext
}

// Option is an optional setting of Infer and InferWithErrors.
type Option func(*connection)

// WithTLS uses TLS for the connection to the service. Without it, the connection is plaintext, which is for loopback, or
// for a network that you trust.
//
// The config is a crypto/tls config. Nil trusts the system's certificate authorities. RootCAs sets other authorities, and
// Certificates holds the client certificate for a service that requires one (mTLS). TLS covers only the connection to the
// service; the runner and its workers have their own settings.
func WithTLS(config *tls.Config) Option {
	if config == nil {
		config = &tls.Config{}
	}
	return func(c *connection) { c.tls = config }
}

// newConnection reports an address that is not valid, so that it does not look like a service that is not running.
func newConnection(address string, options []Option) (connection, error) {
	c := connection{address: address}
	for _, option := range options {
		if option == nil {
			return c, missing("an option", "options", "Leave it out, or use one such as WithTLS.")
		}
		option(&c)
	}
	host, port, err := net.SplitHostPort(c.address)
	if err == nil && host != "" {
		if number, err := strconv.ParseUint(port, 10, 16); err == nil && number > 0 {
			return c, nil
		}
	}
	return c, newError(InvalidConfig, fmt.Sprintf("expected HOST:PORT, found %q", c.address), "address",
		"Give the address that `hf-beam serve` printed, for example localhost:8097.")
}

func (c connection) credentials() credentials.TransportCredentials {
	if c.tls == nil {
		return insecure.NewCredentials()
	}
	return credentials.NewTLS(c.tls)
}

// ask sends a request over a separate channel. If the service is not running, Beam's own client would retry five times, for
// up to two minutes.
func (c connection) ask(ctx context.Context, request *jobpb.ExpansionRequest) (*jobpb.ExpansionResponse, error) {
	channel, err := grpc.NewClient("dns:///"+c.address,
		grpc.WithTransportCredentials(c.credentials()),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: backoff.DefaultConfig, MinConnectTimeout: connectLimit}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32)))
	if err != nil {
		return nil, c.unreachable(err.Error()).causedBy(err)
	}
	defer channel.Close()

	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	response, err := jobpb.NewExpansionServiceClient(channel).Expand(ctx, request)
	if err != nil {
		return nil, c.callFailed(status.Convert(err)).causedBy(err)
	}
	if response.GetError() != "" {
		return nil, parseError(response.GetError())
	}
	return response, nil
}

func (c connection) callFailed(s *status.Status) *Error {
	switch s.Code() {
	case codes.Unavailable:
		return c.unreachable(fmt.Sprintf("none (%s)", s.Message()))
	case codes.Unimplemented:
		return c.unreachable(fmt.Sprintf("a different server (%s)", s.Message()))
	case codes.DeadlineExceeded:
		return newError(ServiceUnavailable,
			fmt.Sprintf("expected an answer from %s within %v, found none", c.address, answerLimit), "",
			"Try again, or check the service's log.")
	case codes.ResourceExhausted:
		return newError(RequestTooLarge,
			fmt.Sprintf("expected a request within the limits of %s, found one that exceeds them (%s)", c.address, s.Message()), "",
			"Shorten the config, or ask the operator for higher limits.")
	default:
		return newError(ServiceFailed,
			fmt.Sprintf("expected an answer from %s, found the status %v (%s)", c.address, s.Code(), s.Message()), "",
			"Check the service's log.")
	}
}

func (c connection) unreachable(found string) *Error {
	remedy := "Start one with `hf-beam serve`, or correct the address. If the service uses TLS, use WithTLS."
	if c.tls != nil {
		remedy = "Start one with `hf-beam serve --tls-cert`, or correct the address or the TLS config."
	}
	return newError(ServiceUnavailable, fmt.Sprintf("expected an hf-beam service at %s, found %s", c.address, found), "", remedy)
}
