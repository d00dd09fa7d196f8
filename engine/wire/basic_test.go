package wire

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"reflect"
	"testing"

	gsql "github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"

	"gridgate/engine"
)

// readAll reads all rows as text; "NULL" is NULL.
func readAll(rows *sql.Rows, err error) ([][]string, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	cols, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	out := [][]string{}
	vals := make([]sql.NullString, len(cols))
	ptrs := make([]any, len(cols))
	for i := range vals {
		ptrs[i] = &vals[i]
	}
	for rows.Next() {
		if err := rows.Scan(ptrs...); err != nil {
			return nil, err
		}
		row := make([]string, len(cols))
		for i, v := range vals {
			row[i] = v.String
			if !v.Valid {
				row[i] = "NULL"
			}
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// TestResults reads results of every shape in both protocols.
func TestResults(t *testing.T) {
	h := start(t)
	h.on("SELECT words", func(*gsql.Context) (*engine.Result, error) { return (&words{n: 5, size: 2}).result(), nil })
	h.on("SELECT no words", func(*gsql.Context) (*engine.Result, error) { return (&words{n: 0, size: 2}).result(), nil })
	cases := []struct {
		query string
		want  [][]string
	}{
		{"SELECT 1, 'a', NULL", [][]string{{"1", "a", "NULL"}}},
		{"SELECT * FROM t ORDER BY i", [][]string{{"1", "one"}, {"2", "NULL"}, {"3", "three"}}},
		{"SELECT * FROM e", [][]string{}},
		{"SELECT COUNT(*), SUM(i) FROM t", [][]string{{"3", "6"}}},
		{"SHOW TABLES", [][]string{{"e"}, {"t"}}},
		{"SELECT 1.50, CAST('2024-02-29' AS DATE), CAST('2024-02-29 01:02:03' AS DATETIME)", [][]string{{"1.50", "2024-02-29", "2024-02-29 01:02:03"}}},
	}
	for _, protocol := range []string{"text", "binary"} {
		db := h.open("")
		for _, c := range cases {
			t.Run(protocol+"/"+c.query, func(t *testing.T) {
				var got [][]string
				var err error
				if protocol == "text" {
					got, err = readAll(db.Query(c.query))
				} else {
					var st *sql.Stmt
					if st, err = db.Prepare(c.query); err != nil {
						t.Fatal(err)
					}
					defer func() { _ = st.Close() }()
					got, err = readAll(st.Query())
				}
				if err != nil || !reflect.DeepEqual(got, c.want) {
					t.Errorf("got %v, %v; want %v", got, err, c.want)
				}
			})
		}
	}
	db := h.open("")
	want := [][]string{}
	for i := range 5 {
		want = append(want, []string{"books/moby-dick.txt", fmt.Sprint(i * 61), fmt.Sprint(i % 12), someWords[i]})
	}
	if got, err := readAll(db.Query("SELECT words")); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("words: got %v, %v", got, err)
	}
	if got, err := readAll(db.Query("SELECT no words")); err != nil || len(got) != 0 {
		t.Errorf("no words: got %v, %v", got, err)
	}
}

// TestArguments sends values of a prepared statement.
func TestArguments(t *testing.T) {
	h := start(t)
	db := h.open("")
	got, err := readAll(db.Query("SELECT s FROM t WHERE i = ? OR s = ? ORDER BY i", 3, "one"))
	if err != nil || !reflect.DeepEqual(got, [][]string{{"one"}, {"three"}}) {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestReports runs statements without a result set.
func TestReports(t *testing.T) {
	h := start(t)
	db := h.open("")
	c, _ := h.conn(db)
	ctx := context.Background()
	res, err := c.ExecContext(ctx, "INSERT INTO t VALUES (10, 'ten'), (11, 'eleven')")
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := res.RowsAffected(); n != 2 {
		t.Errorf("got %d rows affected, want 2", n)
	}
	for _, q := range []string{"SET @x = 1", "USE mem", "SET autocommit = 0", "BEGIN", "COMMIT"} {
		if _, err := c.ExecContext(ctx, q); err != nil {
			t.Errorf("%s: %v", q, err)
		}
	}
	st, err := c.PrepareContext(ctx, "DELETE FROM t WHERE i >= ?")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	if res, err = st.Exec(10); err != nil {
		t.Fatal(err)
	}
	if n, _ := res.RowsAffected(); n != 2 {
		t.Errorf("got %d rows deleted, want 2", n)
	}
}

// TestMultiStatements mixes results, reports and rows that are ours, so that
// the sequence numbers are put to the test.
func TestMultiStatements(t *testing.T) {
	h := start(t)
	h.on("SELECT words", func(*gsql.Context) (*engine.Result, error) { return (&words{n: 700, size: 100}).result(), nil })
	h.on("SELECT bad", func(*gsql.Context) (*engine.Result, error) {
		return (&words{n: 300, size: 100, fail: io.ErrUnexpectedEOF}).result(), nil
	})
	db := h.open("multiStatements=true")
	c, _ := h.conn(db)
	count := func(query string) (sets []int, err error) {
		rows, err := c.QueryContext(context.Background(), query)
		if err != nil {
			return nil, err
		}
		defer func() { _ = rows.Close() }()
		for {
			n := 0
			for rows.Next() {
				n++
			}
			sets = append(sets, n)
			if !rows.NextResultSet() {
				return sets, rows.Err()
			}
		}
	}
	for _, x := range []struct {
		query string
		sets  []int
		code  uint16
		state string
	}{
		{"SELECT words; SELECT * FROM t; SELECT words; SELECT 1", []int{700, 3, 700, 1}, 0, ""},
		{"SELECT ';', \"a;b\" ; -- a; comment\n SELECT `i` /* ; */ FROM t ;; ", []int{1, 3}, 0, ""},
		{"SELECT words; SELECT * FROM nowhere; SELECT 1", []int{700}, 1146, "42S02"},
		{"SELECT 1; SELECT bad; SELECT 1", []int{1, 300}, 1105, "HY000"},
	} {
		sets, err := count(x.query)
		if !reflect.DeepEqual(sets, x.sets) {
			t.Errorf("%s: got %v, want %v (%v)", x.query, sets, x.sets, err)
		}
		if x.code != 0 {
			wantCode(t, err, x.code, x.state)
		} else if err != nil {
			t.Errorf("%s: %v", x.query, err)
		}
		if err := c.PingContext(context.Background()); err != nil {
			t.Fatalf("%s: the connection is of no use any more: %v", x.query, err)
		}
	}
	if _, err := c.ExecContext(context.Background(), "SELECT words; SET @a = 1"); err != nil {
		t.Errorf("a report at the end: %v", err)
	}
	if err := c.PingContext(context.Background()); err != nil {
		t.Error(err)
	}
}

// TestSlowRows: rows of a slow store don't wait for a buffer to be full.
func TestSlowRows(t *testing.T) {
	h := start(t)
	stall := make(chan struct{})
	h.on("SELECT slow", func(*gsql.Context) (*engine.Result, error) {
		return (&words{n: 3, size: 1, stall: stall}).result(), nil
	})
	c, _ := h.conn(h.open(""))
	rows, err := c.QueryContext(context.Background(), "SELECT slow")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for range 3 {
		if !rows.Next() {
			t.Error("no row before the end")
		}
	}
	close(stall)
	if rows.Next() || rows.Err() != nil {
		t.Errorf("after the last row: %v", rows.Err())
	}
}

// warningIter gives one row and warns when it is closed, when it is known what the
// statement has read.
type warningIter struct {
	gsql.RowIter
	ctx *gsql.Context
}

func (w warningIter) Close(ctx *gsql.Context) error {
	w.ctx.Session.Warn(&gsql.Warning{Level: "Note", Code: 1105, Message: "that was much"})
	return w.RowIter.Close(ctx)
}

// TestTheEndTellsHowManyWarnings: warnings that a statement gives while it is
// closed are counted in the packet that ends its result.
func TestTheEndTellsHowManyWarnings(t *testing.T) {
	h := start(t)
	h.on("SELECT much", func(ctx *gsql.Context) (*engine.Result, error) {
		ctx.Session.ClearWarnings()
		return &engine.Result{
			Schema: gsql.Schema{{Name: "n", Type: types.Int64}},
			Iter:   warningIter{gsql.RowsToRowIter(gsql.NewRow(int64(1)), gsql.NewRow(int64(2))), ctx},
		}, nil
	})
	for name, more := range map[string]uint32{"OK": deprecateEOF, "EOF": 0} {
		c := h.dialWith(t, more)
		for range 2 {
			c.command(3, []byte("SELECT much"))
			var end []byte
			eofs := 0
			for need := map[bool]int{true: 1, false: 2}[more != 0]; eofs < need; {
				if p := c.packet(); p[0] == 0xfe && len(p) < 9 {
					end, eofs = p, eofs+1
				}
			}
			warnings := end[1:3] // of an EOF packet
			if more != 0 {
				warnings = end[5:7] // after two counts of one byte, and the status
			}
			if warnings[0] != 1 || warnings[1] != 0 {
				t.Errorf("%s: the end is % x, want one warning", name, end)
			}
		}
	}
}
