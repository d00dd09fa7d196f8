package ingest

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
)

// silence is what a Kafka that hangs looks like: from one moment on nothing is
// answered, on no connection, and yet all of them stay open and new ones are
// taken.
type silence struct {
	fell chan struct{} // closed at that moment

	mu sync.Mutex
	on int16 // the request that brings it about; -1: none does
}

// silentFake is a Kafka that can hang.
func silentFake(t testing.TB, partitions int32) (*silence, *kfake.Cluster, []string) {
	t.Helper()
	s := &silence{fell: make(chan struct{}), on: -1}
	c, brokers := fake(t, partitions, kfake.ListenFn(func(network, address string) (net.Listener, error) {
		l, err := net.Listen(network, address)
		return silentListener{l, s}, err
	}))
	return s, c, brokers
}

// fallsOn has silence fall with the next request of that key.
func (s *silence) fallsOn(key int16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.on = key
}

// hears reports whether a request is heard.
func (s *silence) hears(key int16) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if key == s.on {
		s.on = -1
		close(s.fell)
	}
	return !s.is()
}

func (s *silence) is() bool {
	select {
	case <-s.fell:
		return true
	default:
		return false
	}
}

type silentListener struct {
	net.Listener
	silence *silence
}

func (l silentListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &silentConn{Conn: conn, silence: l.silence, closed: make(chan struct{})}, nil
}

// silentConn is Kafka's side of a connection.
type silentConn struct {
	net.Conn
	silence *silence
	request []byte // what the server has not read of it
	once    sync.Once
	closed  chan struct{}
}

func (c *silentConn) Read(p []byte) (int, error) {
	if len(c.request) == 0 {
		var size [4]byte
		if _, err := io.ReadFull(c.Conn, size[:]); err != nil {
			return 0, err
		}
		body := make([]byte, binary.BigEndian.Uint32(size[:]))
		if _, err := io.ReadFull(c.Conn, body); err != nil {
			return 0, err
		}
		if !c.silence.hears(int16(binary.BigEndian.Uint16(body))) {
			<-c.closed
			return 0, net.ErrClosed
		}
		c.request = append(size[:], body...)
	}
	n := copy(p, c.request)
	c.request = c.request[n:]
	return n, nil
}

func (c *silentConn) Write(p []byte) (int, error) {
	if c.silence.is() {
		<-c.closed
		return 0, net.ErrClosed
	}
	return c.Conn.Write(p)
}

func (c *silentConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}
