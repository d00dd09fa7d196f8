package main

import (
	"context"
	"database/sql"
	"os"
	"testing"

	"gridgate/cmd/gridgate/internal/config"
)

// BenchmarkStatements are the small statements of which clients send many, from one
// connection and from sixteen; "connect" is one more connection, opened and closed.
// With GRIDGATE_BENCH_MARIADB=host:port, whose root has no password and which has a
// database grid, the same goes to a MariaDB, for comparison in one run.
func BenchmarkStatements(b *testing.B) {
	g := startGateway(b, servingConfig(config.Text{Demo: true}))
	servers := []struct{ name, addr string }{{"gridgate", g.Info().Addr.String()}}
	if addr := os.Getenv("GRIDGATE_BENCH_MARIADB"); addr != "" {
		servers = append(servers, struct{ name, addr string }{"mariadb", addr})
	}
	for _, q := range []struct{ name, sql string }{
		{"select 1", "SELECT 1"},
		{"variables", "SELECT @@version, @@max_allowed_packet"},
		{"metadata", "SELECT table_name FROM information_schema.tables WHERE table_schema = 'grid'"},
	} {
		for _, s := range servers {
			db, err := sql.Open("mysql", "root@tcp("+s.addr+")/grid")
			if err != nil {
				b.Fatal(err)
			}
			db.SetMaxIdleConns(16)
			b.Run(q.name+"/1/"+s.name, func(b *testing.B) {
				for b.Loop() {
					rowsOf(b, db, q.sql)
				}
			})
			b.Run(q.name+"/16/"+s.name, func(b *testing.B) {
				b.SetParallelism(8)
				b.RunParallel(func(p *testing.PB) {
					for p.Next() {
						rowsOf(b, db, q.sql)
					}
				})
			})
			_ = db.Close()
		}
	}
	for _, s := range servers {
		b.Run("connect/"+s.name, func(b *testing.B) {
			for b.Loop() {
				db, err := sql.Open("mysql", "root@tcp("+s.addr+")/grid")
				if err == nil {
					err = db.PingContext(context.Background())
				}
				if err != nil {
					b.Fatal(err)
				}
				_ = db.Close()
			}
		})
	}
}
