// Command gridgate is a MySQL endpoint in front of several stores.
//
// The packages that do the work are engine (SQL), engine/wire (the protocol)
// and tables/... (the stores); this one reads the configuration and wires
// them. Run does that for the command and for end-to-end tests alike.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the next one has its usual effect: whoever does
	// not want to wait presses Ctrl-C again.
	context.AfterFunc(ctx, stop)
	os.Exit(command(ctx, os.Args[1:], streams{out: os.Stdout, err: os.Stderr, environ: os.Environ()}))
}
