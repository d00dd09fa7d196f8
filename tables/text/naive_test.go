package text

import (
	"bytes"
	"cmp"
	"compress/bzip2"
	"compress/gzip"
	"compress/zlib"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gridgate/tables"
	"gridgate/tables/wordrule"
)

// The reference that the engine is compared with: everything in memory, one
// thing after the other, as plainly as possible.

// naiveRows are the rows of a table, in the order of the snapshot's columns.
func naiveRows(t testing.TB, dir string, n tables.Snapshot) [][]tables.Value {
	var rows [][]tables.Value
	err := filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err != nil || name == dir {
			return err
		}
		if strings.HasPrefix(entry.Name(), "_") || strings.HasPrefix(entry.Name(), ".") {
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if entry.IsDir() {
			return nil
		}
		path, _ := filepath.Rel(dir, name)
		naiveLines(naiveContent(t, name), func(offset int, line string) {
			row := make([]tables.Value, len(n.Columns()))
			for i, c := range n.Columns() {
				switch c.Name {
				case "path":
					row[i] = tables.Value{Type: c.Type, S: path}
				case "byte_offset":
					row[i] = tables.Value{Type: c.Type, I: int64(offset)}
				case "line":
					row[i] = tables.Value{Type: c.Type, S: strings.Map(func(r rune) rune { return r }, line)}
				case "pos", "word":
				default:
					row[i] = naivePartition(path, c)
				}
			}
			if n.Name() == "text_lines" {
				rows = append(rows, row)
				return
			}
			for pos, word := range wordrule.Words(line) {
				row := slices.Clone(row)
				row[2] = tables.Value{Type: posType, I: int64(pos)}
				row[3] = tables.TextValue(word)
				rows = append(rows, row)
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func naivePartition(path string, c tables.Column) tables.Value {
	for _, part := range strings.Split(path, "/") {
		if k, v, ok := strings.Cut(part, "="); ok && strings.ToLower(k) == c.Name && v != "__HIVE_DEFAULT_PARTITION__" {
			v = strings.NewReplacer("%3A", ":", "%25", "%", "%2F", "/").Replace(v)
			return tables.Value{Type: c.Type, S: v}
		}
	}
	return tables.NullOf(c.Type)
}

func naiveContent(t testing.TB, name string) []byte {
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) == 0 {
		return b
	}
	var r io.Reader = bytes.NewReader(b)
	switch filepath.Ext(name) {
	case ".gz":
		r, err = gzip.NewReader(r)
	case ".bz2":
		r = bzip2.NewReader(r)
	case ".deflate":
		r, err = zlib.NewReader(r)
	}
	if err == nil {
		b, err = io.ReadAll(r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func naiveLines(b []byte, f func(offset int, line string)) {
	mark := 0
	if bytes.HasPrefix(b, []byte("\ufeff")) {
		mark = 3
		b = b[3:]
	}
	start := 0
	for i := 0; i < len(b); i++ {
		if b[i] == '\n' || b[i] == '\r' {
			f(naiveOffset(start, mark), string(b[start:i]))
			if b[i] == '\r' && i+1 < len(b) && b[i+1] == '\n' {
				i++
			}
			start = i + 1
		}
	}
	if start < len(b) {
		f(naiveOffset(start, mark), string(b[start:]))
	}
}

func naiveOffset(start, mark int) int {
	if start == 0 {
		return 0
	}
	return start + mark
}

// naiveQuery answers q over rows. Rows of equal sort keys are in any order,
// and LIMIT isn't applied.
func naiveQuery(q *tables.Query, rows [][]tables.Value, args tables.Args) (out [][]tables.Value, sortKeys [][]tables.Value) {
	rows = slices.DeleteFunc(slices.Clone(rows), func(row []tables.Value) bool {
		return !naiveAll(q.Where, row, nil, nil, args)
	})
	type result struct{ keys, aggs, row []tables.Value }
	var results []result
	if q.Grouped {
		byKey := map[string][][]tables.Value{}
		keysOf := map[string][]tables.Value{}
		for _, row := range rows {
			var keys []tables.Value
			for _, e := range q.GroupBy {
				keys = append(keys, naiveEval(e, row, nil, nil, args))
			}
			byKey[format(keys)] = append(byKey[format(keys)], row)
			keysOf[format(keys)] = keys
		}
		if len(q.GroupBy) == 0 && len(byKey) == 0 {
			byKey[""] = nil
		}
		for k, rows := range byKey {
			var aggs []tables.Value
			for _, a := range q.Aggs {
				n, seen := int64(0), map[string]bool{}
				for _, row := range rows {
					if a.Arg != nil {
						v := naiveEval(a.Arg, row, nil, nil, args)
						if v.IsNull() || a.Distinct && seen[v.SQL()] {
							continue
						}
						seen[v.SQL()] = true
					}
					n++
				}
				aggs = append(aggs, tables.IntValue(n))
			}
			if naiveAll(q.Having, nil, keysOf[k], aggs, args) {
				results = append(results, result{keys: keysOf[k], aggs: aggs})
			}
		}
	} else {
		for _, row := range rows {
			results = append(results, result{row: row})
		}
	}
	type sortable struct{ values, keys []tables.Value }
	var all []sortable
	seen := map[string]bool{}
	for _, r := range results {
		var s sortable
		for _, e := range q.Output {
			s.values = append(s.values, naiveEval(e, r.row, r.keys, r.aggs, args))
		}
		if q.Distinct {
			if seen[format(s.values)] {
				continue
			}
			seen[format(s.values)] = true
		}
		for _, o := range q.OrderBy {
			s.keys = append(s.keys, naiveEval(o.Expr, r.row, r.keys, r.aggs, args))
		}
		all = append(all, s)
	}
	slices.SortStableFunc(all, func(a, b sortable) int {
		for i, o := range q.OrderBy {
			c := naiveCompare(a.keys[i], b.keys[i])
			if o.Desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	for _, s := range all {
		out = append(out, s.values)
		sortKeys = append(sortKeys, s.keys)
	}
	return out, sortKeys
}

// naiveCompare puts NULL first.
func naiveCompare(a, b tables.Value) int {
	switch {
	case a.IsNull() && b.IsNull():
		return 0
	case a.IsNull():
		return -1
	case b.IsNull():
		return 1
	case a.Type.Kind.Storage() == tables.StoreStrings:
		return cmp.Compare(a.S, b.S)
	}
	return cmp.Compare(a.I, b.I)
}

func naiveAll(es []tables.Expr, row, keys, aggs []tables.Value, args tables.Args) bool {
	for _, e := range es {
		if v := naiveEval(e, row, keys, aggs, args); v.IsNull() || v.I == 0 {
			return false
		}
	}
	return true
}

func naiveBool(b bool) tables.Value {
	if b {
		return tables.Value{Type: tables.Bool, I: 1}
	}
	return tables.Value{Type: tables.Bool}
}

func naiveEval(e tables.Expr, row, keys, aggs []tables.Value, args tables.Args) tables.Value {
	eval := func(e tables.Expr) tables.Value { return naiveEval(e, row, keys, aggs, args) }
	switch e := e.(type) {
	case *tables.Col:
		return row[e.Index]
	case *tables.KeyRef:
		return keys[e.N]
	case *tables.AggRef:
		return aggs[e.N]
	case *tables.Lit:
		return e.Value
	case *tables.Param:
		return args[e.N].Value
	case *tables.In:
		x := eval(e.Left)
		var list []tables.Value
		for _, y := range e.List {
			list = append(list, eval(y))
		}
		if e.Keys != nil {
			list = args[e.Keys.N].Keys
		}
		result := naiveBool(false)
		for _, y := range list {
			if x.IsNull() || y.IsNull() {
				result = tables.NullOf(tables.Bool)
			} else if naiveCompare(x, y) == 0 {
				return naiveBool(true)
			}
		}
		return result
	case *tables.Call:
		x := eval(e.Args[0])
		switch e.Op {
		case tables.OpIsNull:
			return naiveBool(x.IsNull())
		case tables.OpNot:
			if x.IsNull() {
				return x
			}
			return naiveBool(x.I == 0)
		}
		y := eval(e.Args[1])
		switch e.Op {
		case tables.OpNullSafeEq:
			return naiveBool(naiveCompare(x, y) == 0)
		case tables.OpAnd, tables.OpOr:
			decides := naiveBool(e.Op == tables.OpOr)
			for _, v := range []tables.Value{x, y} {
				if !v.IsNull() && (v.I != 0) == (decides.I != 0) {
					return decides
				}
			}
			if x.IsNull() || y.IsNull() {
				return tables.NullOf(tables.Bool)
			}
			return naiveBool(e.Op == tables.OpAnd)
		}
		if x.IsNull() || y.IsNull() {
			return tables.NullOf(tables.Bool)
		}
		c := naiveCompare(x, y)
		switch e.Op {
		case tables.OpEq:
			return naiveBool(c == 0)
		case tables.OpNe:
			return naiveBool(c != 0)
		case tables.OpLt:
			return naiveBool(c < 0)
		case tables.OpLe:
			return naiveBool(c <= 0)
		case tables.OpGt:
			return naiveBool(c > 0)
		case tables.OpGe:
			return naiveBool(c >= 0)
		case tables.OpLike:
			return naiveBool(naiveLike(x.S, y.S, eval(e.Args[2]).S))
		}
	}
	panic("no such expression")
}

func naiveLike(s, pattern, escape string) bool {
	var re strings.Builder
	re.WriteString(`(?s)\A`)
	runes := []rune(pattern)
	for i := 0; i < len(runes); i++ {
		switch {
		case string(runes[i]) == escape && i+1 < len(runes):
			i++
			re.WriteString(regexp.QuoteMeta(string(runes[i])))
		case runes[i] == '%':
			re.WriteString(".*")
		case runes[i] == '_':
			re.WriteString(".")
		default:
			re.WriteString(regexp.QuoteMeta(string(runes[i])))
		}
	}
	return regexp.MustCompile(re.String() + `\z`).MatchString(s)
}
