package scan

import "gridgate/tables"

// Takes says what a store does beside giving columns.
type Takes struct {
	// Limit: LIMIT and OFFSET without ORDER BY.
	Limit bool
}

// Columns lists the columns that q asks for, by their index: of the plan's
// rows, value i is column Columns[i]. It refuses whatever a scan does not do.
// q.Where is the caller's, and so is LIMIT where the store takes it.
func Columns(q *tables.Query, takes Takes) ([]int, *tables.Unsupported) {
	if _, ok := q.From.(*tables.Scan); !ok {
		return nil, tables.Refuse(tables.PartFrom, 0, "join", "it reads one table at a time")
	}
	const inGateway = "the store gives rows only; the gateway does the rest"
	switch {
	case len(q.GroupBy) > 0 || q.Grouped && len(q.Aggs) == 0:
		return nil, tables.Refuse(tables.PartGroupBy, 0, "scan", inGateway)
	case q.Grouped:
		return nil, tables.Refuse(tables.PartAggs, 0, "scan", inGateway)
	case q.Distinct:
		return nil, tables.Refuse(tables.PartDistinct, 0, "scan", inGateway)
	case len(q.OrderBy) > 0:
		return nil, tables.Refuse(tables.PartOrderBy, 0, "scan", inGateway)
	case q.Limit != nil && !takes.Limit:
		return nil, tables.Refuse(tables.PartLimit, 0, "scan", inGateway)
	case q.Offset > 0 && !takes.Limit:
		return nil, tables.Refuse(tables.PartOffset, 0, "scan", inGateway)
	}
	columns := make([]int, len(q.Output))
	for i, e := range q.Output {
		c, ok := e.(*tables.Col)
		if !ok {
			return nil, tables.Refuse(tables.PartOutput, i, "expression", "the store gives its columns as they are; the gateway computes with them")
		}
		columns[i] = c.Index
	}
	return columns, nil
}

// RefuseWhere is the refusal of a conjunct that no key of the table takes.
func RefuseWhere(i int) *tables.Unsupported {
	return tables.Refuse(tables.PartWhere, i, "condition", "the store finds rows by its keys only; the gateway applies the condition")
}

// constant reports whether e is a value that is known at Open at the latest.
func constant(e tables.Expr) bool {
	switch e.(type) {
	case *tables.Lit, *tables.Param:
		return true
	}
	return false
}

// isColumn reports whether e is the column.
func isColumn(e tables.Expr, column int) bool {
	c, ok := e.(*tables.Col)
	return ok && c.Scan == 0 && c.Index == column
}

// value is what a constant is. ok is false when args lacks it.
func value(e tables.Expr, args tables.Args) (v tables.Value, ok bool) {
	switch e := e.(type) {
	case *tables.Lit:
		return e.Value, true
	case *tables.Param:
		if e.N < len(args) {
			return args[e.N].Value, true
		}
	}
	return tables.Value{}, false
}
