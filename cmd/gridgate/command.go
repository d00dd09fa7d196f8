package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"gridgate/cmd/gridgate/internal/config"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // something is wrong with the configuration, a store or the machine
	exitUsage  = 2 // the command line can't be understood
)

// streams are what a command reads and writes beside files.
type streams struct {
	out, err io.Writer
	environ  []string
}

// commands is the command line, as kong reads it.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Serve MySQL clients until Ctrl-C."`
	Produce produceCommand `cmd:"" help:"Send readings to Kafka: generated ones, or the lines of a file."`
	Check   checkCommand   `cmd:"" help:"Read the configuration, reach each store, and say what is wrong and how to mend it."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// configFlag is the flag of every command that reads the configuration.
type configFlag struct {
	Config string `help:"The YAML file with the configuration (or $GRIDGATE_CONFIG)." placeholder:"FILE"`
}

// command runs one command line and returns its exit code.
func command(ctx context.Context, args []string, s streams) int {
	// kong exits after printing its help; nothing but main does here.
	exited, code := false, exitOK
	parser, err := kong.New(&commands{},
		kong.Name("gridgate"),
		kong.Description("One MySQL endpoint in front of several stores.\n\nTo look around: gridgate serve --demo"),
		kong.Writers(s.out, s.err),
		kong.Exit(func(c int) { exited, code = true, c }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(s),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintf(s.err, "gridgate: %v\n", err)
		return exitFailed
	}
	parsed, err := parser.Parse(args)
	if exited {
		return code
	}
	if err != nil {
		fmt.Fprintf(s.err, "gridgate: %v\nTry gridgate --help.\n", err)
		return exitUsage
	}
	return exitCode(parsed.Run(), s.err)
}

// errReported is a failure of which the user has read already.
var errReported = errors.New("reported")

// exitCode tells the user of err, once.
func exitCode(err error, w io.Writer) int {
	var problems config.Problems
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errReported):
	case errors.As(err, &problems):
		fmt.Fprintf(w, "gridgate: the configuration is wrong:\n%v\n", problems)
	default:
		fmt.Fprintf(w, "gridgate: %v\n", err)
	}
	return exitFailed
}
