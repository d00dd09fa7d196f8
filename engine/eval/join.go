package eval

import (
	"github.com/dolthub/go-mysql-server/sql"

	"gridgate/tables"
)

// join gives the joined rows of s, whose first source is number from, and the
// number of its sources: every combination, tested one by one. Its rows are as
// wide as all sources; columns of those that are not part of s are nil, so that
// conditions find theirs at the usual place.
func (r *reference) join(s tables.Source, from int) ([]sql.Row, int, error) {
	j, ok := s.(*tables.Join)
	if !ok {
		rows, err := r.widened(from)
		return rows, 1, err
	}
	left, n, err := r.join(j.Left, from)
	if err != nil {
		return nil, 0, err
	}
	right, m, err := r.join(j.Right, from+n)
	if err != nil {
		return nil, 0, err
	}
	on, err := r.exprs(j.On, r.columns())
	if err != nil {
		return nil, 0, err
	}
	rows, err := r.combine(j.Kind, left, right, on)
	return rows, n + m, err
}

// widened are the rows of one source at their place in the joined row.
func (r *reference) widened(source int) ([]sql.Row, error) {
	out := make([]sql.Row, len(r.rows[source]))
	for i, row := range r.rows[source] {
		out[i] = make(sql.Row, r.width)
		for j, v := range row {
			x, err := ToSQL(v)
			if err != nil {
				return nil, err
			}
			out[i][r.first[source]+j] = x
		}
	}
	return out, nil
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
