package kafkaclient

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// A Network is some open connections, so that they can be cut: kafka-go has
// calls that take no context and wait for Kafka as long as a rebalance may take,
// or for a request that nobody waits for any more. It is safe for concurrent use.
type Network struct {
	timeout time.Duration

	mu    sync.Mutex
	conns map[*tracked]struct{} // nil: cut
}

type tracked struct {
	net.Conn
	network *Network
}

var errCut = errors.New("the connections were cut, since what used them has ended")

// NewNetwork makes a Network without connections. Each may take so long to be
// made.
func NewNetwork(timeout time.Duration) *Network {
	return &Network{timeout: timeout, conns: map[*tracked]struct{}{}}
}

// Dial opens a connection; it is for kafka.Dialer and kafka.Transport.
func (n *Network) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: n.timeout}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.conns == nil {
		conn.Close()
		return nil, errCut
	}
	t := &tracked{conn, n}
	n.conns[t] = struct{}{}
	return t, nil
}

// Close implements net.Conn.
func (t *tracked) Close() error {
	t.network.mu.Lock()
	delete(t.network.conns, t)
	t.network.mu.Unlock()
	return t.Conn.Close()
}

// Cut closes all connections, and those to come.
func (n *Network) Cut() {
	n.mu.Lock()
	conns := n.conns
	n.conns = nil
	n.mu.Unlock()
	for t := range conns {
		t.Conn.Close()
	}
}
