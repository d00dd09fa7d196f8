package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"gridgate/cmd/gridgate/internal/config"
	"gridgate/cmd/gridgate/internal/producer"
	"gridgate/tables"
)

// checkTime is how long one store has to answer.
const checkTime = 10 * time.Second

// checkCommand is `gridgate check`.
type checkCommand struct {
	configFlag
}

// A finding is one line of the check.
type finding struct {
	subject string // configuration, server or a store
	wrong   bool
	text    string // what there is or what is wrong, and what to do
}

// Run prints a line for the configuration, the server and each store.
func (c *checkCommand) Run(ctx context.Context, s streams) error {
	findings := check(ctx, config.Sources{File: c.Config, Environ: s.environ})
	if err := writeFindings(s.out, findings); err != nil {
		return err
	}
	for _, f := range findings {
		if f.wrong {
			return errReported
		}
	}
	return nil
}

func writeFindings(w io.Writer, findings []finding) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range findings {
		state := "ok"
		if f.wrong {
			state = "wrong"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", f.subject, state, f.text)
	}
	return t.Flush()
}

// check looks at everything that serving would need.
func check(ctx context.Context, src config.Sources) []finding {
	cfg, err := config.Load(src)
	var problems config.Problems
	if errors.As(err, &problems) {
		var findings []finding
		for _, p := range problems {
			findings = append(findings, finding{"configuration", true, p.String()})
		}
		return findings
	}
	if err != nil {
		return []finding{{"configuration", true, err.Error()}}
	}
	return []finding{checkConfiguration(src), checkServer(cfg.Server), checkText(ctx, cfg.Text, len(cfg.Kafka.Brokers) > 0),
		checkRedis(ctx, cfg.Redis), checkKafka(ctx, cfg), checkDocuments(cfg.Documents), checkIngest(cfg.Ingest)}
}

func checkConfiguration(src config.Sources) finding {
	if file := src.ConfigFile(); file != "" {
		return finding{"configuration", false, file}
	}
	return finding{"configuration", false, "no file; defaults and environment variables"}
}

func checkServer(c config.Server) finding {
	var users []string
	for _, u := range c.Users {
		users = append(users, u.Name)
	}
	text := fmt.Sprintf("%s, at most %d connections, users: %s", c.Listen, c.MaxConnections, strings.Join(users, ", "))
	if len(users) == 0 {
		text = fmt.Sprintf("%s, at most %d connections, no users: root may log in without a password, from this machine only",
			c.Listen, c.MaxConnections)
		if host, _, err := net.SplitHostPort(c.Listen); err == nil && host != "localhost" && !net.ParseIP(host).IsLoopback() {
			text += "; for anybody outside to log in, add server.users"
		}
	}
	if _, err := openTLS(c.TLS); err != nil {
		return finding{"server", true, err.Error()}
	}
	return finding{"server", false, text + tlsText(c.TLS)}
}

// checkText looks at the archive; fed says that there is a Kafka, so that it is
// no mistake to have none.
func checkText(ctx context.Context, c config.Text, fed bool) finding {
	if c.Location == "" && fed {
		return finding{"text", false, "no archive is configured (text.location): there are no tables words and text_lines"}
	}
	if c.Location == "" {
		return finding{"text", true, "no archive is configured; set text.location, or look around with gridgate serve --demo"}
	}
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	store, err := openText(c)
	if err != nil {
		return finding{"text", true, err.Error()}
	}
	defer store.Close()
	columns, err := columnsOf(ctx, store, "text_lines")
	if err != nil {
		mend := mendArchive(err)
		var outage *tables.Outage
		if errors.As(err, &outage) { // without the store's name, which the line begins with
			return finding{"text", true, fmt.Sprintf("%s: %v; %s", outage.Doing, outage.Err, mend)}
		}
		return finding{"text", true, fmt.Sprintf("%v; %s", err, mend)}
	}
	return finding{"text", false, fmt.Sprintf("%s, read by gridgate itself; columns of text_lines: %s", c.Location, strings.Join(columns, ", "))}
}

func checkRedis(ctx context.Context, c config.Redis) finding {
	if c.Addr == "" {
		return finding{"redis", false, "embedded: the latest readings live as long as the process"}
	}
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	client := redisClient(c, zerolog.Nop())
	defer client.Close()
	if err := client.Ping(ctx).Err(); err != nil {
		mend := "start it, or mend redis.addr"
		var answered redis.Error
		if errors.As(err, &answered) {
			mend = "mend redis.username and redis.password"
		}
		return finding{"redis", true, fmt.Sprintf("%s: %s; %s", c.Addr, strings.TrimSuffix(err.Error(), "."), mend)}
	}
	// The sink writes by a script.
	if err := client.ScriptLoad(ctx, "return 1").Err(); err != nil {
		return finding{"redis", true, fmt.Sprintf("%s: it takes no script: %s; allow the user SCRIPT, EVALSHA and the commands of scripts", c.Addr, strings.TrimSuffix(err.Error(), "."))}
	}
	return finding{"redis", false, fmt.Sprintf("%s, keys begin with %s", c.Addr, c.Prefix)}
}

func checkKafka(ctx context.Context, c config.Config) finding {
	if len(c.Kafka.Brokers) == 0 {
		return finding{"kafka", false, "embedded: what is sent to it lives as long as the process"}
	}
	p := producer.New(c.Kafka.Brokers, c.Kafka.Topic)
	defer p.Close()
	if err := p.Check(ctx); err != nil {
		return finding{"kafka", true, fmt.Sprintf("%v; start it, make the topic, or mend kafka.brokers and kafka.topic", err)}
	}
	for _, store := range c.Ingest.Stores {
		group := c.Ingest.Group + "-" + store
		if err := p.CheckGroup(ctx, group); err != nil {
			return finding{"kafka", true, fmt.Sprintf("%v; allow it, or choose another ingest.group", err)}
		}
	}
	return finding{"kafka", false, fmt.Sprintf("%s, topic %s, dead letters in %s", strings.Join(c.Kafka.Brokers, ", "), c.Kafka.Topic, c.Ingest.DeadLetterTopic)}
}

func checkDocuments(c config.Documents) finding {
	return finding{"documents", false, fmt.Sprintf("embedded: at most %d MiB, which live as long as the process", c.MaxBytes>>20)}
}

func checkIngest(c config.Ingest) finding {
	return finding{"ingest", false, "feeds " + strings.Join(c.Stores, ", ")}
}
