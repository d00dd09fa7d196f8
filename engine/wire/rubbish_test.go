package wire

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestRubbish: whatever a client sends, in place of its login or of a command, others
// are served, and nothing panics.
func TestRubbish(t *testing.T) {
	h := start(t, func(c *Config) {
		c.TLS = selfSigned(t)
		c.LoginTime, c.PacketTime = 2*time.Second, 2*time.Second
	})
	good := h.open("")
	rapid.Check(t, func(rt *rapid.T) {
		raw := rapid.SliceOfN(rapid.Byte(), 0, 60)
		if rapid.Bool().Draw(rt, "before the login") {
			c, err := net.Dial("tcp", h.addr)
			if err != nil {
				rt.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			sent := raw.Draw(rt, "bytes")
			if rapid.Bool().Draw(rt, "framed") {
				sent = packetOf(1, sent)
			}
			sendAndLeave(c, sent)
			return
		}
		c := h.dial(t)
		id := c.prepare("SELECT i FROM t WHERE i > 0")
		for range rapid.IntRange(1, 4).Draw(rt, "commands") {
			arg := raw.Draw(rt, "argument")
			if rapid.Bool().Draw(rt, "of the statement") {
				arg = append([]byte{byte(id), 0, 0, 0}, arg...)
			}
			cmd := rapid.ByteRange(0, 0x21).Draw(rt, "command")
			if _, err := c.c.Write(packetOf(0, append([]byte{cmd}, arg...))); err != nil {
				break // the server has ended the connection
			}
		}
		sendAndLeave(c.c, nil)
	})
	if err := good.PingContext(context.Background()); err != nil {
		t.Errorf("others: %v", err)
	}
	if log := h.log.String(); strings.Contains(log, "panic") {
		i := strings.Index(log, "panic")
		t.Errorf("%.3000s", log[max(0, i-200):])
	}
}

func packetOf(seq byte, payload []byte) []byte {
	n := len(payload)
	return append([]byte{byte(n), byte(n >> 8), byte(n >> 16), seq}, payload...)
}

// sendAndLeave sends what is left, says that nothing more comes, and takes what the
// server answers.
func sendAndLeave(c net.Conn, b []byte) {
	_, _ = c.Write(b)
	_ = c.(*net.TCPConn).CloseWrite()
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	_, _ = io.Copy(&bytes.Buffer{}, c)
	_ = c.Close()
}
