package main

import (
	"context"
	"errors"

	"gridgate/cmd/gridgate/internal/config"
)

// serveCommand is `gridgate serve`.
type serveCommand struct {
	configFlag
	Listen    string `help:"Where MySQL clients connect. Default: 127.0.0.1:3306, or the next free port." placeholder:"HOST:PORT"`
	Text      string `help:"The folder of text files to serve." placeholder:"DIR" xor:"archive"`
	Demo      bool   `help:"Serve a generated archive of grid operators' log lines." xor:"archive"`
	LogLevel  string `help:"trace, debug, info, warn or error." placeholder:"LEVEL"`
	LogFormat string `help:"console or json." placeholder:"FORMAT"`
}

// Run serves until ctx ends.
func (c *serveCommand) Run(ctx context.Context, s streams) error {
	cfg, err := c.configuration(s)
	if err != nil {
		return err
	}
	return Run(ctx, cfg, Options{Log: newLogger(cfg.Log, s.err), Out: s.out})
}

// configuration is what the flags, the environment and the file say together.
func (c *serveCommand) configuration(s streams) (config.Config, error) {
	flags := map[string]string{}
	for key, value := range map[string]string{
		"server.listen": c.Listen, "text.location": c.Text, "log.level": c.LogLevel, "log.format": c.LogFormat,
	} {
		if value != "" {
			flags[key] = value
		}
	}
	cfg, err := config.Load(config.Sources{File: c.Config, Environ: s.environ, Flags: flags})
	if err != nil {
		return config.Config{}, err
	}
	if c.Demo {
		cfg.Text = config.Text{Demo: true}
	}
	if cfg.Text == (config.Text{}) {
		return config.Config{}, errNoArchive
	}
	return cfg, nil
}

// errNoArchive says how to go on when there is nothing to serve.
var errNoArchive = errors.New(`there is nothing to serve yet. Either
  gridgate serve --text DIR    serves the text files in a folder (text.location in the configuration), or
  gridgate serve --demo        serves a generated archive to look around in`)
