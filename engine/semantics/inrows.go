package semantics

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// InRows is (a, b) IN (SELECT …), evaluated as an expression, with each column
// compared as a = x would be. go-mysql-server fails where the left side's
// columns are of several types (types.TupleType.Convert).
type InRows struct {
	Left  expression.Tuple
	Query *plan.Subquery

	mu     sync.Mutex
	loaded *any // the first of the rows that are kept
	count  int
	rows   []rowKeys
	whole  *keyTable // of the rows without NULL
	nulls  []rowKeys // those with one
}

// rowKeys are the keys of a row's columns; nil is NULL.
type rowKeys [][]byte

var (
	_ sql.Expression         = (*InRows)(nil)
	_ sql.CollationCoercible = (*InRows)(nil)
)

// NewInRows returns left IN (query); nil where go-mysql-server's operator must
// decide: types that have no keys, and another number of columns.
func NewInRows(ctx *sql.Context, left expression.Tuple, query *plan.Subquery) *InRows {
	in := &InRows{Left: left, Query: query}
	compare, columns := in.compared(ctx), query.Query.Schema(ctx)
	if len(columns) != len(left) {
		return nil
	}
	for i, c := range compare {
		alwaysNull := left[i].Type(ctx) == types.Null || columns[i].Type == types.Null
		if c.kind == compareOther && !alwaysNull {
			return nil
		}
	}
	return in
}

// compared is how each column is.
func (in *InRows) compared(ctx *sql.Context) []comparand {
	var out []comparand
	for i, c := range in.Query.Query.Schema(ctx) {
		if i < len(in.Left) {
			out = append(out, comparandOf(ctx, in.Left[i], expression.NewGetField(i, c.Type, c.Name, c.Nullable)))
		}
	}
	return out
}

// Eval implements sql.Expression.
func (in *InRows) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	left := make([]any, len(in.Left))
	for i, e := range in.Left {
		v, err := e.Eval(ctx, row)
		if err != nil {
			return nil, err
		}
		left[i] = v
	}
	values, err := in.Query.EvalMultiple(ctx, row)
	if err != nil || len(values) == 0 {
		return false, err
	}
	compare := in.compared(ctx)
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.loaded != &values[0] || in.count != len(values) {
		if err := in.load(ctx, compare, values); err != nil {
			return nil, err
		}
	}
	key, err := keysOf(ctx, compare, left)
	if err != nil {
		return nil, err
	}
	// A row equals, or may equal, or does not: a NULL makes it may, unless
	// another column differs.
	maybe := in.nulls
	if key.hasNull() {
		maybe = in.rows
	} else if _, found := in.whole.find(key.joined()); found {
		return true, nil
	}
	for _, r := range maybe {
		if r.mayEqual(key) {
			return nil, nil
		}
	}
	return false, nil
}

// load makes keys of the query's rows, which are recognised as those of InQuery
// are.
func (in *InRows) load(ctx *sql.Context, compare []comparand, values []any) error {
	in.loaded, in.count = &values[0], len(values)
	in.rows, in.nulls, in.whole = nil, nil, newKeyTable()
	for _, v := range values {
		columns, ok := v.([]any)
		if !ok {
			return fmt.Errorf("a row of a subquery is %T", v)
		}
		r, err := keysOf(ctx, compare, columns)
		if err != nil {
			return err
		}
		in.rows = append(in.rows, r)
		if r.hasNull() {
			in.nulls = append(in.nulls, r)
		} else {
			in.whole.put(r.joined())
		}
	}
	return nil
}

func keysOf(ctx *sql.Context, compare []comparand, values []any) (rowKeys, error) {
	r := make(rowKeys, len(values))
	for i, v := range values {
		if v == nil {
			continue
		}
		coder := newKeyCoder(nil)
		if _, err := compare[i].append(ctx, coder, v); err != nil {
			return nil, err
		}
		r[i] = coder.buf
	}
	return r, nil
}

func (r rowKeys) hasNull() bool {
	for _, k := range r {
		if k == nil {
			return true
		}
	}
	return false
}

// joined is one key of the columns', which end by themselves.
func (r rowKeys) joined() []byte { return bytes.Join(r, nil) }

// mayEqual reports whether no column differs; a NULL may be anything.
func (r rowKeys) mayEqual(to rowKeys) bool {
	for i := range r {
		if r[i] != nil && to[i] != nil && !bytes.Equal(r[i], to[i]) {
			return false
		}
	}
	return true
}

// Type implements sql.Expression.
func (*InRows) Type(*sql.Context) sql.Type { return types.Boolean }

// IsNullable implements sql.Expression.
func (*InRows) IsNullable(*sql.Context) bool { return true }

// Resolved implements sql.Expression.
func (in *InRows) Resolved() bool { return in.Left.Resolved() && in.Query.Resolved() }

// Children implements sql.Expression: the columns, as those of In, and the query.
func (in *InRows) Children() []sql.Expression {
	return append(append([]sql.Expression{}, in.Left...), in.Query)
}

// WithChildren implements sql.Expression.
func (in *InRows) WithChildren(_ *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	n := len(in.Left)
	if len(children) != n+1 {
		return nil, sql.ErrInvalidChildrenNumber.New(in, len(children), n+1)
	}
	query, ok := children[n].(*plan.Subquery)
	if !ok {
		return nil, expression.ErrUnsupportedInOperand.New(children[n])
	}
	return &InRows{Left: expression.NewTuple(children[:n:n]...), Query: query}, nil
}

// CollationCoercibility implements sql.CollationCoercible.
func (*InRows) CollationCoercibility(*sql.Context) (sql.CollationID, byte) {
	return sql.Collation_binary, 5
}

// String implements sql.Expression.
func (in *InRows) String() string { return "(" + in.Left.String() + " IN " + in.Query.String() + ")" }
