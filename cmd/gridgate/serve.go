package main

import (
	"context"
	"errors"
	"fmt"

	"gridgate/cmd/gridgate/internal/config"
	"gridgate/cmd/gridgate/internal/producer"
)

// serveCommand is `gridgate serve`.
type serveCommand struct {
	configFlag
	Listen    string `help:"Where MySQL clients connect. Default: 127.0.0.1:3306, or the next free port." placeholder:"HOST:PORT"`
	Text      string `help:"The folder of text files to serve." placeholder:"DIR" xor:"archive"`
	Demo      bool   `help:"Serve a generated archive of grid operators' log lines, and a live feed of readings." xor:"archive"`
	File      string `name:"ingest-file" help:"Send the lines of this file, each a JSON record, through Kafka first; - is the standard input." placeholder:"FILE"`
	Rows      string `name:"rows-scanned" help:"How many rows one part of a statement may read in its store, as far as that is known before; 0: as many as there are." placeholder:"N"`
	Bytes     string `name:"scan-bytes" help:"Likewise, how many bytes of files." placeholder:"N"`
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
		"server.listen": c.Listen, "text.location": c.Text, "limits.rows_scanned": c.Rows, "limits.scan_bytes": c.Bytes, "log.level": c.LogLevel, "log.format": c.LogFormat,
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
		// What is invented must not get into anybody's Kafka or Redis.
		cfg.Text, cfg.Kafka.Brokers, cfg.Redis.Addr = config.Text{Demo: true}, nil, ""
	}
	cfg.Ingest.File = c.File
	if cfg.Text == (config.Text{}) && cfg.Ingest.File == "" && len(cfg.Kafka.Brokers) == 0 {
		return config.Config{}, errNothing
	}
	if c.File != "" {
		if err := producer.CheckFile(c.File); err != nil {
			return config.Config{}, fmt.Errorf("--ingest-file: %w", err)
		}
	}
	return cfg, nil
}

// errNothing says how to go on when there is nothing to serve.
var errNothing = errors.New(`there is nothing to serve yet. Either
  gridgate serve --text DIR            serves the text files in a folder (text.location in the configuration), or
  gridgate serve --ingest-file FILE    serves a file of JSON records, or
  gridgate serve --demo                serves a generated archive and a live feed to look around in;
or set kafka.brokers in the configuration`)
