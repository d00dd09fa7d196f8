package main

import (
	"testing"

	"github.com/rs/zerolog"

	"gridgate/cmd/gridgate/internal/config"
)

// BenchmarkQueries are questions to the demo archive as a client asks them:
// over a connection, rows read.
func BenchmarkQueries(b *testing.B) {
	g, err := Start(b.Context(), servingConfig(config.Text{Demo: true}), Options{Log: zerolog.Nop()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { g.Close() })
	db := connect(b, g)
	for _, q := range []struct{ name, sql string }{
		{"select 1", "SELECT 1"},
		{"top words", "SELECT word, COUNT(*) AS n FROM words GROUP BY word ORDER BY n DESC, word LIMIT 10"},
		{"distinct words", "SELECT COUNT(DISTINCT word) FROM words"},
		{"one day", "SELECT path, COUNT(*) FROM words WHERE dt = (SELECT MAX(dt) FROM words) GROUP BY path"},
		{"like", "SELECT COUNT(*) FROM text_lines WHERE line LIKE '%tripped%lightning%'"},
		{"all lines", "SELECT path, line FROM text_lines"},
	} {
		b.Run(q.name, func(b *testing.B) {
			for b.Loop() {
				if rows := rowsOf(b, db, q.sql); len(rows) == 0 {
					b.Fatal("no rows")
				}
			}
		})
	}
}
