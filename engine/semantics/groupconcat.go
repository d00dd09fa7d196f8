package semantics

import (
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression/function/aggregation"
)

// errCutByGroupConcat is MySQL's ER_CUT_VALUE_GROUP_CONCAT.
const errCutByGroupConcat = 1260

// groupConcatBuffer is GROUP_CONCAT over one group. go-mysql-server's buffer
// takes the first of several arguments only, drops empty strings, and tells
// distinct values apart by their bytes.
type groupConcatBuffer struct {
	args      []sql.Expression
	order     sql.SortConditions
	separator string
	maxBytes  int
	keys      *keyCoder // nil unless DISTINCT
	seen      *keyTable
	rows      []sql.Row // the input's rows, each with its text appended
}

// GroupConcatParts is what a GROUP_CONCAT is made of.
type GroupConcatParts struct {
	Args      []sql.Expression
	Distinct  bool
	OrderBy   sql.SortConditions
	Separator string
	MaxLen    int // in bytes
}

// PartsOfGroupConcat takes g apart.
func PartsOfGroupConcat(g *aggregation.GroupConcat) GroupConcatParts {
	// The node has no methods for these fields.
	fields := reflect.ValueOf(g).Elem()
	p := GroupConcatParts{
		Args:      g.OutputExpressions(),
		Distinct:  fields.FieldByName("distinct").String() != "",
		Separator: fields.FieldByName("separator").String(),
		MaxLen:    int(fields.FieldByName("maxLen").Int()),
	}
	conditions := fields.FieldByName("sortConditions")
	for i, e := range g.Children()[:conditions.Len()] {
		p.OrderBy = append(p.OrderBy, sql.SortCondition{
			Expr:         e,
			Order:        sql.SortOrder(conditions.Index(i).FieldByName("Order").Uint()),
			NullOrdering: sql.NullOrdering(conditions.Index(i).FieldByName("NullOrdering").Uint()),
		})
	}
	return p
}

func newGroupConcatBuffer(ctx *sql.Context, g *aggregation.GroupConcat) *groupConcatBuffer {
	p := PartsOfGroupConcat(g)
	b := &groupConcatBuffer{args: p.Args, order: p.OrderBy, separator: p.Separator, maxBytes: p.MaxLen}
	if p.Distinct {
		b.keys, b.seen = newKeyCoder(expressionTypes(ctx, b.args)), newKeyTable()
	}
	return b
}

// Update implements sql.AggregationBuffer. A row with a NULL does not count.
func (g *groupConcatBuffer) Update(ctx *sql.Context, row sql.Row) error {
	values := make(sql.Row, len(g.args))
	var text strings.Builder
	for i, e := range g.args {
		v, err := e.Eval(ctx, row)
		if err != nil || v == nil {
			return err
		}
		values[i] = v
		shown, err := e.Type(ctx).SQL(ctx, nil, v)
		if err != nil {
			return err
		}
		text.Write(shown.ToBytes())
	}
	if g.keys != nil {
		key, err := g.keys.row(ctx, values)
		if err != nil {
			return err
		}
		if _, added, err := g.seen.add(ctx, key); err != nil || !added {
			return err
		}
	}
	if len(g.order) == 0 {
		row = nil
	}
	g.rows = append(g.rows, append(row[:len(row):len(row)], text.String()))
	return nil
}

// Eval implements sql.AggregationBuffer.
func (g *groupConcatBuffer) Eval(ctx *sql.Context) (any, error) {
	if len(g.rows) == 0 {
		return nil, nil
	}
	if len(g.order) > 0 {
		if err := g.sort(ctx); err != nil {
			return nil, err
		}
	}
	var out strings.Builder
	for i, row := range g.rows {
		if i > 0 {
			out.WriteString(g.separator)
		}
		out.WriteString(row[len(row)-1].(string))
		if out.Len() > g.maxBytes {
			ctx.Warn(errCutByGroupConcat, "Row %d was cut by GROUP_CONCAT()", i+1)
			return cutText(out.String(), g.maxBytes), nil
		}
	}
	return out.String(), nil
}

// sort puts the rows in order, and ends soon after the context does.
func (g *groupConcatBuffer) sort(ctx *sql.Context) error {
	sorted := make([]keyedRow, len(g.rows))
	for i, row := range g.rows {
		keys, err := keysToSort(ctx, g.order, row)
		if err != nil {
			return err
		}
		sorted[i] = keyedRow{row, keys}
	}
	o := newOrdering(ctx, g.order)
	slices.SortStableFunc(sorted, func(a, b keyedRow) int { return o.compare(a.keys, b.keys) })
	for i, s := range sorted {
		g.rows[i] = s.row
	}
	return o.err
}

// cutText returns the whole characters among the first n bytes of s.
func cutText(s string, n int) string {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// Dispose implements sql.AggregationBuffer.
func (g *groupConcatBuffer) Dispose(*sql.Context) {
	g.seen.release()
	g.rows, g.seen = nil, nil
}
