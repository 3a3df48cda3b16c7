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

// connection says where a service is, and how to speak with it.
type connection struct {
	address string
	tls     *tls.Config // nil for plaintext
}

// Option is a setting of Infer and InferWithErrors that most pipelines can do without.
type Option func(*connection)

// WithTLS speaks TLS with the service. Without it, the connection is plaintext: for loopback, or for a network that you
// trust.
//
// The config is crypto/tls's own. Nil trusts the authorities of the system; RootCAs names others, and Certificates has
// what this client shows to a service that asks for it (mTLS). Only the service is spoken to in this way: the runner and
// its workers have settings of their own.
func WithTLS(config *tls.Config) Option {
	if config == nil {
		config = &tls.Config{}
	}
	return func(c *connection) { c.tls = config }
}

func newConnection(address string, options []Option) connection {
	c := connection{address: address}
	for _, option := range options {
		option(&c)
	}
	return c
}

// check tells a mistyped address from a service that does not run.
func (c connection) check() error {
	host, port, err := net.SplitHostPort(c.address)
	if err == nil && host != "" {
		if number, err := strconv.ParseUint(port, 10, 16); err == nil && number > 0 {
			return nil
		}
	}
	return newError(InvalidConfig, fmt.Sprintf("expected HOST:PORT, found %q", c.address), "address",
		"Give the address that `hf-beam serve` printed, for example localhost:8097.")
}

func (c connection) credentials() credentials.TransportCredentials {
	if c.tls == nil {
		return insecure.NewCredentials()
	}
	return credentials.NewTLS(c.tls)
}

// ask sends a request over a channel of its own. Beam's client would try five times, for up to two minutes, a service
// that does not run.
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
		return c.unreachable(fmt.Sprintf("a server that is none (%s)", s.Message()))
	case codes.DeadlineExceeded:
		return newError(ServiceUnavailable,
			fmt.Sprintf("expected an answer from %s within %v, found none", c.address, answerLimit), "",
			"Try again, or see the log of the service.")
	case codes.ResourceExhausted:
		return newError(RequestTooLarge,
			fmt.Sprintf("expected a request within the limits of %s, found one over them (%s)", c.address, s.Message()), "",
			"Shorten the config, or ask the operator for higher limits.")
	default:
		return newError(ServiceFailed,
			fmt.Sprintf("expected an answer from %s, found the status %v (%s)", c.address, s.Code(), s.Message()), "",
			"See the log of the service.")
	}
}

func (c connection) unreachable(found string) *Error {
	remedy := "Start one with `hf-beam serve`, or correct the address; one with TLS needs WithTLS."
	if c.tls != nil {
		remedy = "Start one with `hf-beam serve --tls-cert`, or correct the address or the TLS settings."
	}
	return newError(ServiceUnavailable, fmt.Sprintf("expected an hf-beam service at %s, found %s", c.address, found), "", remedy)
}
