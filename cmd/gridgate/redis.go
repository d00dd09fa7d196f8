package main

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"gridgate/cmd/gridgate/internal/config"
	"gridgate/cmd/gridgate/internal/embedded"
)

// redisTime is for one answer of Redis's.
const redisTime = 3 * time.Second

// openRedis connects to Redis; volatile says that it is embedded.
func (g *Gateway) openRedis(cfg config.Config, l *live) (client redis.UniversalClient, volatile bool, err error) {
	c := cfg.Redis
	if c.Addr == "" {
		var stop func()
		if c.Addr, stop, err = embedded.Redis(); err != nil {
			return nil, false, err
		}
		g.onClose(func() error { stop(); return nil })
		l.embedded = append(l.embedded, "Redis at "+c.Addr)
	}
	client = redisClient(c, g.log)
	g.onClose(client.Close)
	return client, cfg.Redis.Addr == "", nil
}

// redisClient makes a client, whose own log goes to log: go-redis has one for the
// whole process.
func redisClient(c config.Redis, log zerolog.Logger) redis.UniversalClient {
	redis.SetLogger(redisLog{log})
	return redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: []string{c.Addr}, Username: c.Username, Password: c.Password, ClientName: "gridgate", ContextTimeoutEnabled: true,
		DialTimeout: redisTime, ReadTimeout: redisTime, WriteTimeout: redisTime, MaxRetries: 1,
	})
}

// redisLog is go-redis's log; what matters comes back as errors too.
type redisLog struct{ log zerolog.Logger }

// Printf implements go-redis's logger.
func (r redisLog) Printf(_ context.Context, format string, v ...any) {
	r.log.Debug().Str("from", "go-redis").Msgf(format, v...)
}
