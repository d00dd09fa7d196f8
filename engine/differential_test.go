package engine_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/dolthub/go-mysql-server/sql/types"
	"pgregory.net/rapid"

	"gridgate/engine"
	"gridgate/engine/difftest"
	"gridgate/engine/eval"
	"gridgate/tables"
	"gridgate/tables/tablestest"
)

var memoryTables = difftest.Generator{Tables: []difftest.Table{
	{Name: "words", Columns: []difftest.Column{
		{Name: "path", Type: difftest.Text, Literals: []string{"'f0.txt'", "'f1.txt'", "'F0.TXT'"}},
		{Name: "pos", Literals: []string{"0", "3", "7", "16"}},
		{Name: "word", Type: difftest.Text, Literals: []string{"'the'", "'grid'", "'is'", "'night'", "'cold '"}},
		{Name: "dt", Type: difftest.Text, Literals: []string{"'2026-01-01'", "'2026-01-02'", "'2026-01-03'"}},
	}},
	{Name: "nouns", Columns: []difftest.Column{
		{Name: "word", Type: difftest.Text, Literals: []string{"'grid'", "'line'", "'zebra'"}},
		{Name: "rank_no", Literals: []string{"1", "2", "3"}},
	}},
	{Name: "readings", Columns: []difftest.Column{
		{Name: "station", Type: difftest.Text, Literals: []string{"'DK1'", "'dk1'", "'Ø'", "'DK1 '"}},
		{Name: "ts", Type: difftest.Time, Literals: []string{
			"'2026-01-01 10:00:01.25'", "'2026-01-01 10:00:02'", "'2026-01-01'", "TIMESTAMP '2026-01-01 10:00:05.000'",
			"FROM_UNIXTIME(1767261602)", "'2026-01-01T10:00:03.750000'", "'2026-01-01 10:00:01.2504'",
		}},
		{Name: "value", Type: difftest.Double, Literals: []string{"0.25", "-0.5", "1", "0", "1e0"}},
		{Name: "_id", Type: difftest.Text, Literals: []string{"'t:0:1'", "'t:0:10'", "'t:0'"}},
		{Name: "_doc", Type: difftest.JSON, Literals: []string{"'DK1'", "'Ø'"}},
	}},
}}

// run runs a statement for difftest.
func (f *fixture) run(query, pushdown string) difftest.Rows {
	f.must("SET gridgate_pushdown = '" + pushdown + "'")
	schema, rows, err := f.querySchema(query)
	if err != nil {
		e := engine.MySQLError(err)
		return difftest.Rows{Code: uint16(e.Num), Error: e.Message}
	}
	var out difftest.Rows
	for _, c := range schema {
		out.Columns = append(out.Columns, c.Name+" "+c.Type.String())
		out.Inexact = append(out.Inexact, types.IsFloat(c.Type))
	}
	for _, r := range rows {
		cells := make([]*string, len(r))
		for i := range r {
			if r[i] != "NULL" {
				cells[i] = &r[i]
			}
		}
		out.Values = append(out.Values, cells)
	}
	return out
}

// TestDifferential runs generated statements over a store that takes
// everything and over ones that refuse or only narrow parts, with pushdown on
// and off.
func TestDifferential(t *testing.T) {
	if os.Getenv("CI") == "true" {
		// The same statements each time; TestDifferentialSample has fresh ones too.
		if err := flag.Set("rapid.seed", "20261125"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = flag.Set("rapid.seed", "0") })
	}
	for _, refuse := range []string{
		"", "group", "having", "distinct", "order", "limit", "offset", "output-call", "where", "where-like",
		"order limit", "group where-like", "output-call offset", "narrow", "narrow output-call",
		"join", "join derived", "join output-call", "join keys", "join narrow", "join group distinct",
	} {
		t.Run(fmt.Sprintf("refuse %q", refuse), func(t *testing.T) {
			m := memory()
			words := map[string]bool{}
			for _, w := range strings.Fields(refuse) {
				words[w] = true
			}
			m.Accept = refuser(words)
			if words["narrow"] {
				m.Narrow = narrowLike
			}
			f := newFixture(t, m)
			difftest.Check(t, difftest.Config{Generator: memoryTables, Run: f.run, Tolerance: 1e-9})
		})
	}
}

// sampleFixture is an engine over difftest.Sample, in a store that takes
// everything.
func sampleFixture(t testing.TB, of func(tables.Store) tables.Store) *fixture {
	m := &tablestest.Memory{Evaluator: eval.Evaluator{}}
	for _, table := range difftest.Sample() {
		m.Add(table.Name, table.Columns, table.Rows)
	}
	return newFixture(t, of(m))
}

// sampleConfig is the differential test over sampleFixture.
func sampleConfig(f *fixture) difftest.Config {
	return difftest.Config{Generator: difftest.SampleGenerator(difftest.Sample()), Run: f.run, Tolerance: 1e-9}
}

func asItIs(s tables.Store) tables.Store { return s }

// faultStatements is by how many statements a fault has to be found.
const faultStatements = 15_000

// TestDifferentialFindsFaults plants faults in what reaches the store, one at a
// time: the differential test must find each, of all that a store that takes
// everything can have.
func TestDifferentialFindsFaults(t *testing.T) {
	faults := difftest.Translations(difftest.Faults, difftest.ExpressionFaults)
	var store *difftest.FaultyStore
	f := sampleFixture(t, func(s tables.Store) tables.Store {
		store = difftest.WithFault(s, difftest.Fault{})
		return store
	})
	f.must("SET time_zone = 'Europe/Copenhagen'")
	findings, wrong := difftest.Hunt(sampleConfig(f), store, faults, nil, faultStatements)
	found := 0
	for _, f := range findings {
		if f.By == "" {
			t.Errorf("%s: not found by %d statements, of which it changed %d", f.Fault, f.Statements, f.Planted)
			continue
		}
		found++
		t.Logf("%s: found by statement %d, number %d of those that it changed: %s", f.Fault, f.Statements, f.Planted, f.By)
	}
	for _, d := range wrong {
		t.Errorf("a difference without a fault: %s", d)
	}
	t.Logf("%d of %d planted faults were found", found, len(faults))
	none := map[string]difftest.Fault{"none": {Query: func(q tables.Query) tables.Query { return q }}}
	if findings, _ := difftest.Hunt(sampleConfig(f), store, none, nil, 300); findings[0] != (difftest.Finding{Fault: "none", Statements: 300}) {
		t.Errorf("of a fault that is none: %+v", findings[0])
	}
}

const (
	// fixedStatements is how many statements CI always runs, the same ones
	// each time; freshStatements is how many others run besides.
	fixedStatements = 20_000
	freshStatements = 2_000
)

// The statements that TestDifferentialSample runs besides the fixed ones; a
// failure names the seed to repeat.
var (
	seed  = flag.Int("difftest.seed", 0, "first of the fresh seeds of TestDifferentialSample; 0: the clock's")
	fresh = flag.Int("difftest.fresh", freshStatements, "how many fresh seeds TestDifferentialSample runs")
)

// TestDifferentialSample runs many statements over tables of every type, with
// pushdown on and off, each in one of two time zones.
func TestDifferentialSample(t *testing.T) {
	first := *seed
	if first == 0 {
		first = int(time.Now().Unix()%1e6) * 1000
	}
	statements := fixedStatements
	if testing.Short() {
		statements = freshStatements
	}
	zones := []string{"+00:00", "Europe/Copenhagen"}
	for part, zone := range zones {
		t.Run(strings.ReplaceAll(zone, "/", " "), func(t *testing.T) {
			t.Parallel()
			f := sampleFixture(t, asItIs)
			f.must("SET time_zone = '" + zone + "'")
			c := sampleConfig(f)
			for n := part; n < statements; n += len(zones) {
				difftest.CheckSeed(t, c, n)
			}
			t.Logf("then from seed %d on: to repeat it, -difftest.seed=%d", first, first)
			for n := part; n < *fresh; n += len(zones) {
				difftest.CheckSeed(t, c, first+n)
			}
		})
	}
}

// TestAliasOfItself: a statement whose select lists make an alias refer to itself
// overflowed the stack in go-mysql-server's rules, which ends the process.
func TestAliasOfItself(t *testing.T) {
	c := sampleConfig(sampleFixture(t, asItIs))
	const query = "SELECT AVG((d10.c8 IS NULL)) AS c11, SUM((d10.c9 = d10.c9)) AS c12, MAX(d10.c8) AS c13 FROM (SELECT d5.c2 AS " +
		"c7, d5.c2 AS c8, d5.c2 AS c9 FROM (SELECT t1.label AS c2, t1.label AS c3, TIMESTAMP'2026-01-01 10:00:00' AS c4 " +
		"FROM labels AS t1 WHERE NULLIF(t1.weight, t1.weight) NOT IN (-0.5e0, 0e0, 2.5e0)) AS d5 WHERE d5.c4 IN (SELECT " +
		"s6.ts FROM measures AS s6 WHERE ((s6.ts < NULL AND s6.id <> 12) AND s6.station <=> 'DK1')) AND (d5.c4 BETWEEN " +
		"FROM_UNIXTIME(1767261602) AND FROM_UNIXTIME(1767261601.25) AND 6 <> 4)) AS d10 WHERE GREATEST(d10.c7, d10.c9) " +
		"IS NULL HAVING 10 <= COUNT(*)"
	for _, mode := range []string{"off", "on"} {
		if r := c.Run(query, mode); r.Code != 0 || len(r.Values) != 0 {
			t.Errorf("pushdown %s: error %d (%s), %d rows", mode, r.Code, r.Error, len(r.Values))
		}
	}
}

// TestConditionBelowNotExists: a JOIN's condition on the columns of a LEFT JOIN was
// forgotten where NOT EXISTS could be decided first.
func TestConditionBelowNotExists(t *testing.T) {
	c := sampleConfig(sampleFixture(t, asItIs))
	const join = "SELECT a.region FROM stations a LEFT JOIN labels b ON a.region = b.amount JOIN stations c ON b.weight = c.rating"
	for _, mode := range []string{"off", "on"} {
		r := c.Run(join+" WHERE NOT EXISTS (SELECT 1 FROM measures m WHERE m.n = c.rating)", mode)
		if all := c.Run(join, mode); r.Code != 0 || all.Code != 0 || len(r.Values) > len(all.Values) {
			t.Errorf("pushdown %s: error %d (%s), %d rows of %d", mode, r.Code, r.Error, len(r.Values), len(all.Values))
		}
	}
}

// fuzzedBytes is how long a fuzzed input is made with zeros: longer than any
// statement needs, so that an input that ends early is a statement too, with
// the first of all choices where it ends. Without them rapid would skip it.
const fuzzedBytes = 64 << 10

// FuzzDifferential is the same for go test -fuzz. An input is the bits that the
// generator draws from, so it means another statement once the generator has
// changed: what is found is kept as a golden query.
func FuzzDifferential(f *testing.F) {
	for seed := range byte(64) { // statements as rapid draws them, to begin with
		bits := make([]byte, 4<<10)
		_, _ = rand.NewChaCha8([32]byte{seed}).Read(bits)
		f.Add(bits)
	}
	fx := sampleFixture(f, asItIs)
	f.Fuzz(func(t *testing.T, input []byte) {
		if len(input) > fuzzedBytes {
			t.Skip("no statement needs so much")
		}
		one := *fx
		one.TB = t
		c := sampleConfig(&one)
		bits := make([]byte, fuzzedBytes)
		copy(bits, input)
		rapid.MakeFuzz(func(rt *rapid.T) { difftest.CheckOne(rt, c) })(t, bits)
	})
}

// rewriteShares writes testdata/shares.txt anew.
var rewriteShares = flag.Bool("difftest.rewrite", false, "write testdata/shares.txt anew")

// TestShares counts which share of the generated statements becomes one leaf,
// for each thing that they ask for. No share may fall by more than two points
// below testdata/shares.txt: refusing everything is no way to pass.
func TestShares(t *testing.T) {
	const file = "testdata/shares.txt"
	c := sampleConfig(sampleFixture(t, asItIs))
	shares := difftest.Shares(c.Generator, 10_000, func(sql string) bool {
		rows := c.Run("EXPLAIN "+sql, "on")
		return len(rows.Values) == 1 && *rows.Values[0][1] != "gateway"
	})
	text := difftest.FormatShares(shares)
	t.Logf("the share of statements that become one leaf:\n%s", text)
	if *rewriteShares {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, fall := range difftest.FallenShares(string(written), shares, 2) {
		t.Error(fall + "; if that is right, write the file anew with -difftest.rewrite")
	}
}
