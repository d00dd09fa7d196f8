package eval

import (
	"fmt"

	"github.com/dolthub/go-mysql-server/sql"

	"gridgate/tables"
)

// join gives the joined rows of s: every combination, tested one by one. Its
// rows are as wide as all scans; columns of scans that are not part of s are
// nil, so that conditions find theirs at the usual place.
func (r *reference) join(s tables.Source, scans [][][]tables.Value, from int) ([]sql.Row, error) {
	width := 0
	all := r.q.Scans()
	for _, x := range all {
		width += len(x.Snapshot.Columns())
	}
	switch s := s.(type) {
	case *tables.Scan:
		if from >= len(scans) {
			return nil, fmt.Errorf("no rows given for scan %d", from)
		}
		out := make([]sql.Row, len(scans[from]))
		for i, row := range scans[from] {
			out[i] = make(sql.Row, width)
			for j, v := range row {
				x, err := ToSQL(v)
				if err != nil {
					return nil, err
				}
				out[i][r.first[from]+j] = x
			}
		}
		return out, nil
	case *tables.Join:
		left, err := r.join(s.Left, scans, from)
		if err != nil {
			return nil, err
		}
		leftScans := len((&tables.Query{From: s.Left}).Scans())
		right, err := r.join(s.Right, scans, from+leftScans)
		if err != nil {
			return nil, err
		}
		on, err := r.exprs(s.On, r.columns())
		if err != nil {
			return nil, err
		}
		return r.combine(s.Kind, left, right, on)
	}
	return nil, fmt.Errorf("unknown source %T", s)
}

func (r *reference) combine(kind tables.JoinKind, left, right []sql.Row, on []sql.Expression) ([]sql.Row, error) {
	var out []sql.Row
	for _, l := range left {
		matched := false
		for _, x := range right {
			row := l.Copy()
			for i, v := range x {
				if v != nil {
					row[i] = v
				}
			}
			ok, err := r.holds(on, row)
			if err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
			matched = true
			if kind == tables.JoinInner || kind == tables.JoinLeft {
				out = append(out, row)
			}
		}
		switch kind {
		case tables.JoinLeft, tables.JoinAnti:
			if !matched {
				out = append(out, l)
			}
		case tables.JoinSemi:
			if matched {
				out = append(out, l)
			}
		}
	}
	return out, nil
}

func (r *reference) holds(on []sql.Expression, row sql.Row) (bool, error) {
	for _, e := range on {
		v, err := e.Eval(r.ctx, row)
		if err != nil || v == nil {
			return false, err
		}
		if ok, err := sql.ConvertToBool(r.ctx, v); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}
