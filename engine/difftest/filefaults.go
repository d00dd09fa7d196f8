package difftest

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"gridgate/tables"
)

// FileFaults are defects of how a store reads files as tables of lines (path,
// byte_offset, line) and of words (path, byte_offset, pos, word), with columns
// for partitions.
var FileFaults = map[string]Fault{
	"a carriage return kept": {Read: readFile(func(f *lineFile) {
		for i := range f.rows {
			if line := f.text(i, "line"); line != nil && i+1 < len(f.rows) &&
				f.rows[i+1][f.at("byte_offset")].I-f.rows[i][f.at("byte_offset")].I == int64(len(line.S))+2 {
				line.S += "\r"
			}
		}
	})},
	"a long line cut": {Read: readFile(func(f *lineFile) {
		for i := range f.rows {
			if line := f.text(i, "line"); line != nil && len(line.S) > 100 {
				line.S = line.S[:100]
			}
		}
	})},
	"the last line of a file lost": {Read: readFile(func(f *lineFile) {
		if f.at("line") >= 0 {
			f.rows = f.rows[:len(f.rows)-1]
		}
	})},
	"an empty line lost": {Read: readFile(func(f *lineFile) {
		f.rows = slices.DeleteFunc(f.rows, func(r []tables.Value) bool { at := f.at("line"); return at >= 0 && r[at].S == "" })
	})},
	"a line without its spaces around": {Read: readFile(func(f *lineFile) {
		for i := range f.rows {
			if line := f.text(i, "line"); line != nil {
				line.S = strings.TrimSpace(line.S)
			}
		}
	})},
	"invalid UTF-8 left out": {Read: readFile(func(f *lineFile) {
		for i := range f.rows {
			if line := f.text(i, "line"); line != nil {
				line.S = strings.ReplaceAll(line.S, "\uFFFD", "")
			}
		}
	})},
	"byte_offset in characters": {Read: readFile(func(f *lineFile) {
		at, line := f.at("byte_offset"), f.at("line")
		if line < 0 {
			return
		}
		more := 0
		for _, r := range f.rows {
			r[at].I -= int64(more)
			more += len(r[line].S) - utf8.RuneCountInString(r[line].S)
		}
	})},
	"pos from 1": {Read: readFile(func(f *lineFile) {
		if at := f.at("pos"); at >= 0 {
			for _, r := range f.rows {
				r[at].I++
			}
		}
	})},
	"a compressed file left out": {Read: readFile(func(f *lineFile) {
		if strings.HasSuffix(f.path, ".gz") {
			f.rows = nil
		}
	})},
	"the line at a border of two ranges read twice": {Read: readFile(func(f *lineFile) {
		for i, r := range f.rows {
			if i > 0 && r[f.at("byte_offset")].I >= 32 {
				f.rows = append(f.rows, slices.Clone(r))
				return
			}
		}
	})},
	"a word ends at its apostrophe": {Read: readFile(func(f *lineFile) {
		for i := range f.rows {
			if word := f.text(i, "word"); word != nil {
				word.S, _, _ = strings.Cut(word.S, "'")
			}
		}
	})},
	"a word without its accents": {Read: readFile(func(f *lineFile) {
		for i := range f.rows {
			if word := f.text(i, "word"); word != nil {
				word.S = strings.ReplaceAll(word.S, "ï", "i")
			}
		}
	})},
	"a final sigma like the others": {Read: readFile(func(f *lineFile) {
		for i := range f.rows {
			if word := f.text(i, "word"); word != nil {
				word.S = strings.ReplaceAll(word.S, "ς", "σ")
			}
		}
	})},
	"a word of one letter lost": {Read: readFile(func(f *lineFile) {
		f.rows = slices.DeleteFunc(f.rows, func(r []tables.Value) bool {
			at := f.at("word")
			return at >= 0 && utf8.RuneCountInString(r[at].S) == 1
		})
	})},
	"a missing partition as ''": {Read: readFile(func(f *lineFile) {
		for i := range f.rows {
			if dt := f.text(i, "dt"); dt != nil {
				dt.Null = false
			}
		}
	})},
	"a missing partition as its folder's name": {Read: readFile(func(f *lineFile) {
		for i := range f.rows {
			if dt := f.text(i, "dt"); dt != nil && dt.Null {
				*dt = tables.Value{Type: dt.Type, S: "__HIVE_DEFAULT_PARTITION__"}
			}
		}
	})},
	"a missing partition is pruned": {Query: func(q tables.Query) tables.Query {
		for _, e := range q.Where {
			tables.Walk(e, func(x tables.Expr) bool {
				if c, ok := x.(*tables.Col); ok && c.Name == "dt" {
					q.Where = append(slices.Clone(q.Where), call(tables.OpNot, tables.Bool, call(tables.OpIsNull, tables.Bool, c)))
					return false
				}
				return true
			})
		}
		return q
	}},
	"a partition is pruned although the condition is in an OR": {Query: mapCalls(tables.OpOr, func(c *tables.Call) tables.Expr {
		for _, side := range c.Args {
			if aboutOnly(side, "dt") {
				return side
			}
		}
		return c
	})},
	"text sorted without its case": {Query: func(q tables.Query) tables.Query {
		order := slices.Clone(q.OrderBy)
		for i, o := range order {
			if o.Expr.Type().Kind == tables.KindText {
				order[i].Expr = call(tables.OpLower, tables.Text, o.Expr)
			}
		}
		q.OrderBy = order
		return q
	}},
	"the second sort key lost": {Query: func(q tables.Query) tables.Query {
		q.OrderBy = q.OrderBy[:min(len(q.OrderBy), 1)]
		return q
	}},
	"DISTINCT by the first letters": {Give: func(q *tables.Query, rows [][]tables.Value) [][]tables.Value {
		if !q.Distinct {
			return rows
		}
		seen := map[string]bool{}
		return slices.DeleteFunc(rows, func(r []tables.Value) bool {
			var b strings.Builder
			for _, v := range r {
				v.S = v.S[:min(len(v.S), 3)]
				b.WriteString(v.SQL() + ";")
			}
			again := seen[b.String()]
			seen[b.String()] = true
			return again
		})
	}},
	"COUNT(DISTINCT x) counts NULL": {Query: func(q tables.Query) tables.Query {
		return mapAggs(q, func(a tables.Agg) tables.Agg {
			if a.Distinct && a.Arg != nil && a.Arg.Type().Kind == tables.KindText {
				a.Arg = call(tables.OpIfNull, a.Arg.Type(), a.Arg, &tables.Lit{Value: tables.TextValue("NULL")})
			}
			return a
		})
	}},
	"COUNT(DISTINCT x) without case": {Query: func(q tables.Query) tables.Query {
		return mapAggs(q, func(a tables.Agg) tables.Agg {
			if a.Distinct && a.Arg != nil && a.Arg.Type().Kind == tables.KindText {
				a.Arg = call(tables.OpLower, tables.Text, a.Arg)
			}
			return a
		})
	}},
	"groups of two workers not merged": {Give: func(q *tables.Query, rows [][]tables.Value) [][]tables.Value {
		if q.Grouped && len(q.GroupBy) > 0 && q.Limit == nil && len(rows) > 1 {
			return append(rows, slices.Clone(rows[0]))
		}
		return rows
	}},
	"no group over no rows": {Give: func(q *tables.Query, rows [][]tables.Value) [][]tables.Value {
		if !q.Grouped || len(q.GroupBy) > 0 || len(rows) != 1 {
			return rows
		}
		for _, v := range rows[0] {
			if v.I != 0 {
				return rows
			}
		}
		return nil
	}},
	"HAVING on another count": {Query: func(q tables.Query) tables.Query {
		having := make([]tables.Expr, len(q.Having))
		for i, e := range q.Having {
			having[i] = tables.Rewrite(e, func(e tables.Expr) tables.Expr {
				if a, ok := e.(*tables.AggRef); ok && len(q.Aggs) > 1 {
					return &tables.AggRef{N: (a.N + 1) % len(q.Aggs), Typ: a.Typ, Null: a.Null}
				}
				return e
			})
		}
		q.Having = having
		return q
	}},
	"LIKE without case": {Query: mapCalls(tables.OpLike, func(c *tables.Call) tables.Expr {
		return call(c.Op, c.Typ, call(tables.OpLower, tables.Text, c.Args[0]), call(tables.OpLower, tables.Text, c.Args[1]), c.Args[2])
	})},
	"<> takes NULL": {Query: mapCalls(tables.OpNe, func(c *tables.Call) tables.Expr {
		return call(tables.OpOr, tables.Bool, c, call(tables.OpIsNull, tables.Bool, c.Args[0]))
	})},
	"NOT of what is NULL is true": {Query: mapCalls(tables.OpNot, func(c *tables.Call) tables.Expr {
		return call(tables.OpOr, tables.Bool, c, call(tables.OpIsNull, tables.Bool, c.Args[0]))
	})},
	"numbers compared as text": {Query: func(q tables.Query) tables.Query {
		return mapWhere(q, func(e tables.Expr) tables.Expr {
			c, ok := e.(*tables.Call)
			if !ok || c.Op < tables.OpLt || c.Op > tables.OpGe || c.Args[0].Type().Kind != tables.KindInt64 || c.Args[1].Type().Kind != tables.KindInt64 {
				return e
			}
			return call(c.Op, c.Typ, call(tables.OpCast, tables.Text, c.Args[0]), call(tables.OpCast, tables.Text, c.Args[1]))
		})
	}},
}

// aboutOnly reports whether e reads the column, and no other.
func aboutOnly(e tables.Expr, column string) bool {
	reads, others := false, false
	tables.Walk(e, func(x tables.Expr) bool {
		if c, ok := x.(*tables.Col); ok {
			reads, others = reads || c.Name == column, others || c.Name != column
		}
		return true
	})
	return reads && !others
}

// lineFile is a file's rows by byte_offset.
type lineFile struct {
	path    string
	columns []tables.Column
	rows    [][]tables.Value
}

// at is a column's index, -1 where the table has no such column.
func (f *lineFile) at(column string) int {
	return slices.IndexFunc(f.columns, func(c tables.Column) bool { return c.Name == column })
}

// text is a column's value of a row, to be changed; nil where there is no such column.
func (f *lineFile) text(row int, column string) *tables.Value {
	if at := f.at(column); at >= 0 {
		return &f.rows[row][at]
	}
	return nil
}

// readFile changes what is read of each file, of at least one row.
func readFile(change func(*lineFile)) func([]tables.Column, [][]tables.Value) [][]tables.Value {
	return func(columns []tables.Column, rows [][]tables.Value) [][]tables.Value {
		var files []*lineFile
		byPath := map[string]*lineFile{}
		at := (&lineFile{columns: columns}).at("path")
		for _, r := range rows {
			path := r[at].S
			f := byPath[path]
			if f == nil {
				f = &lineFile{path: path, columns: columns}
				byPath[path] = f
				files = append(files, f)
			}
			f.rows = append(f.rows, r)
		}
		var out [][]tables.Value
		for _, f := range files {
			at := f.at("byte_offset")
			slices.SortStableFunc(f.rows, func(a, b []tables.Value) int { return cmp.Compare(a[at].I, b[at].I) })
			change(f)
			out = append(out, f.rows...)
		}
		return out
	}
}
