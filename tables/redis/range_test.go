package redis

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"gridgate/tables"
)

// times reads a query's column ts, as milliseconds after begin.
func times(t *testing.T, r tables.Rows) []int64 {
	t.Helper()
	var out []int64
	for {
		var b tables.Batch
		if err := r.Next(t.Context(), &b); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		for _, ts := range b.Cols[colTS].Ints[:b.N] {
			out = append(out, (ts-begin)/1000)
		}
	}
}

// eachMillisecond has readings of one station, of a kind each, at begin and
// every millisecond after it. They are written in an order that is none.
func eachMillisecond(t *testing.T, n int) *Store {
	t.Helper()
	s := open(t, client(t, miniredis.RunT(t).Addr()))
	ctx := t.Context()
	s.client.SAdd(ctx, s.keys.Stations(), "DK1")
	for i := range n {
		i = (i*7 + 3) % n // n has no factor 7 or 11
		e := Entry{TS: begin + int64(i)*1000, Topic: "INGESTION", Offset: int64(n - i), Kind: fmt.Sprintf("kind%d", i), Doc: "{}"}
		id := fmt.Sprintf("id%02d", i*11%n) // in another order than the times
		s.client.HSet(ctx, s.keys.Latest("DK1"), e.Kind, e.Encode())
		s.client.HSet(ctx, s.keys.RecentDocs("DK1"), id, e.Encode())
		if err := s.client.ZAdd(ctx, s.keys.Recent("DK1"), redis.Z{Score: float64(e.TS), Member: e.Member(id)}).Err(); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func at(of table, op tables.Op, ms int64) tables.Expr {
	instant := &tables.Lit{Value: tables.Value{Type: tables.Timestamp(6), I: begin + ms*1000}}
	return &tables.Call{Op: op, Args: []tables.Expr{col(of, colTS), instant}, Typ: tables.Bool}
}

func TestTheRecentReadingsOfAStationComeNewestFirst(t *testing.T) {
	s := eachMillisecond(t, 24)
	got := times(t, query(t, s, recent, isStation(recent, "DK1")))
	want := make([]int64, 24)
	for i := range want {
		want[i] = int64(23 - i)
	}
	if !slices.Equal(got, want) {
		t.Errorf("they come as %v", got)
	}
	if got := times(t, query(t, s, recent, isStation(recent, "DK1"), at(recent, tables.OpLt, 20), at(recent, tables.OpGe, 17))); !slices.Equal(got, []int64{19, 18, 17}) {
		t.Errorf("those of a range come as %v", got)
	}
}

// TestTheBoundsOfARangeOfTime has a reading on each bound, and beside it.
func TestTheBoundsOfARangeOfTime(t *testing.T) {
	s := eachMillisecond(t, 10)
	for _, of := range []table{latest, recent} {
		for _, test := range []struct {
			from  tables.Op
			begin int64
			to    tables.Op
			end   int64
			want  []int64
		}{
			{tables.OpGe, 3, tables.OpLe, 5, []int64{3, 4, 5}},
			{tables.OpGt, 3, tables.OpLe, 5, []int64{4, 5}},
			{tables.OpGe, 3, tables.OpLt, 5, []int64{3, 4}},
			{tables.OpGt, 3, tables.OpLt, 5, []int64{4}},
			{tables.OpGe, 3, tables.OpLe, 3, []int64{3}},
			{tables.OpEq, 3, tables.OpEq, 3, []int64{3}},
			{tables.OpGt, 3, tables.OpLt, 4, nil},
			{tables.OpGe, 0, tables.OpLt, 1, []int64{0}},
			{tables.OpGt, 8, tables.OpLe, 9, []int64{9}},
		} {
			got := times(t, query(t, s, of, isStation(of, "DK1"), at(of, test.from, test.begin), at(of, test.to, test.end)))
			if slices.Sort(got); !slices.Equal(got, test.want) {
				t.Errorf("%s: ts %v %d AND ts %v %d gives %v, want %v", of.name(), test.from, test.begin, test.to, test.end, got, test.want)
			}
		}
	}
}
