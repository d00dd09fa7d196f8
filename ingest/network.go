package ingest

import (
	"context"
	"errors"
	"net"
	"sync"
)

// network knows all open connections, so that they can be cut: kafka-go has
// calls that take no context and wait for Kafka as long as a rebalance may
// take.
type network struct {
	mu    sync.Mutex
	conns map[*tracked]struct{} // nil: cut
}

type tracked struct {
	net.Conn
	network *network
}

var errCut = errors.New("the ingest has ended")

func newNetwork() *network { return &network{conns: map[*tracked]struct{}{}} }

// dial is for kafka.Dialer and kafka.Transport.
func (n *network) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: callTime}).DialContext(ctx, network, address)
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

// cut closes all connections, and those to come.
func (n *network) cut() {
	n.mu.Lock()
	conns := n.conns
	n.conns = nil
	n.mu.Unlock()
	for t := range conns {
		t.Conn.Close()
	}
}
