package main

import (
	"net"
	"strings"
	"testing"

	"gridgate/cmd/gridgate/internal/config"
)

// busyPort listens on a free port until the test ends.
func busyPort(t *testing.T) (address string, port int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String(), l.Addr().(*net.TCPAddr).Port
}

func TestListen(t *testing.T) {
	busy, port := busyPort(t)
	for _, c := range []struct {
		name   string
		listen config.Server
		want   string // part of the error; empty: none
	}{
		{"any free port", config.Server{Listen: "127.0.0.1:0", ListenGiven: true}, ""},
		{"busy, asked for", config.Server{Listen: busy, ListenGiven: true}, busy + " is in use by another program; end that one, or choose another address with --listen"},
		{"busy, by default", config.Server{Listen: busy}, ""},
		{"not this machine's", config.Server{Listen: "192.0.2.1:3306", ListenGiven: true}, "this machine has no address 192.0.2.1:3306"},
		{"no such host", config.Server{Listen: "nowhere.invalid:3306", ListenGiven: true}, "listening on nowhere.invalid:3306 (server.listen): "},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := listen(t.Context(), c.listen)
			if err != nil {
				if c.want == "" || !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, want %q", err, c.want)
				}
				return
			}
			defer l.Close()
			if c.want != "" {
				t.Errorf("it listens on %s, want %q", l.Addr(), c.want)
			}
			if got := l.Addr().(*net.TCPAddr).Port; c.listen.Listen == busy && got <= port {
				t.Errorf("after %d came %d", port, got)
			}
		})
	}
}

func TestTheLastPortHasNoNext(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:65535")
	if err == nil {
		defer l.Close()
	} // else another program has it, which is as good
	_, err = listen(t.Context(), config.Server{Listen: "127.0.0.1:65535"})
	if want := "the ports 65535 to 65535 of 127.0.0.1 are all in use"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct {
		ip       string
		loopback bool
		dial     string
	}{
		{"127.0.0.1", true, "127.0.0.1"},
		{"127.0.0.2", true, "127.0.0.2"},
		{"::1", true, "::1"},
		{"0.0.0.0", false, "127.0.0.1"},
		{"::", false, "127.0.0.1"},
		{"192.0.2.7", false, "192.0.2.7"},
	} {
		a := &net.TCPAddr{IP: net.ParseIP(c.ip), Port: 3306}
		if isLoopback(a) != c.loopback || dialHost(a) != c.dial {
			t.Errorf("%s: loopback %t, dial %s", c.ip, isLoopback(a), dialHost(a))
		}
		want := "mysql -h " + c.dial + " -P 3306 -u root grid"
		if got := connectLine(a, nil); got != want {
			t.Errorf("%s: %s, want %s", c.ip, got, want)
		}
	}
}
