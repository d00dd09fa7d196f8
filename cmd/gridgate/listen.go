package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"

	"gridgate/cmd/gridgate/internal/config"
)

// portsToTry is how many ports are tried from the default one on.
const portsToTry = 100

// listen opens the configured address. When nobody asked for it, and it is in
// use, the next free port of the same host is taken.
func listen(ctx context.Context, c config.Server) (net.Listener, error) {
	l, err := listenOn(ctx, c.Listen)
	if err == nil || c.ListenGiven || !errors.Is(err, syscall.EADDRINUSE) {
		return l, mendListen(c.Listen, err)
	}
	host, first, err := hostAndPort(c.Listen)
	if err != nil {
		return nil, err
	}
	last := min(first+portsToTry-1, 65535)
	for port := first + 1; port <= last; port++ {
		address := net.JoinHostPort(host, strconv.Itoa(port))
		l, err := listenOn(ctx, address)
		if err == nil || !errors.Is(err, syscall.EADDRINUSE) {
			return l, mendListen(address, err)
		}
	}
	return nil, fmt.Errorf("the ports %d to %d of %s are all in use; choose an address with --listen", first, last, host)
}

func listenOn(ctx context.Context, address string) (net.Listener, error) {
	return new(net.ListenConfig).Listen(ctx, "tcp", address)
}

// mendListen says what to do about err.
func mendListen(address string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is in use by another program; end that one, or choose another address with --listen (server.listen)", address)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("this user may not listen on %s; choose a port from 1024 on with --listen (server.listen)", address)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("this machine has no address %s; choose one of its own with --listen (server.listen)", address)
	}
	return fmt.Errorf("listening on %s (server.listen): %w", address, err)
}

func hostAndPort(address string) (string, int, error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	port, err := strconv.Atoi(text)
	return host, port, err
}

// isLoopback reports whether only this machine can reach the listener.
func isLoopback(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// dialHost is the host that a client on this machine connects to.
func dialHost(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok || tcp.IP.IsUnspecified() {
		return "127.0.0.1"
	}
	return tcp.IP.String()
}
