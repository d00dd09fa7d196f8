package semantics

import (
	"sync"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// In is Left IN (list), with each element compared as Left = element would be.
// go-mysql-server compares all elements as the first one's type
// (newInMap in sql/expression/in.go) and without the column's collation.
type In struct {
	Left sql.Expression
	List expression.Tuple

	once sync.Once
	sets []valueSet
	rest []sql.Expression // Left = element, for elements without a key
	null bool             // one of the elements is NULL
	err  error
}

var (
	_ sql.Expression         = (*In)(nil)
	_ sql.CollationCoercible = (*In)(nil)
)

// valueSet is the list's elements that are compared with Left in one way.
type valueSet struct {
	compare comparand
	keys    *keyTable
}

// NewIn returns left IN (list). The list's elements are constants.
func NewIn(left sql.Expression, list expression.Tuple) *In { return &In{Left: left, List: list} }

// Eval implements sql.Expression.
func (in *In) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	if in.once.Do(func() { in.err = in.load(ctx) }); in.err != nil {
		return nil, in.err
	}
	v, err := in.Left.Eval(ctx, row)
	if err != nil || v == nil {
		return nil, err
	}
	coder := newKeyCoder(nil)
	for _, s := range in.sets {
		coder.buf = coder.buf[:0]
		ok, err := s.compare.append(ctx, coder, v)
		if err != nil {
			return nil, err
		}
		if _, found := s.keys.find(coder.buf); ok && found {
			return true, nil
		}
	}
	null := in.null
	for _, e := range in.rest {
		equal, err := e.Eval(ctx, row)
		if err != nil {
			return nil, err
		}
		if equal == true {
			return true, nil
		}
		null = null || equal == nil
	}
	if null {
		return nil, nil
	}
	return false, nil
}

// load sorts the elements into sets.
func (in *In) load(ctx *sql.Context) error {
	coder := newKeyCoder(nil)
	for _, e := range in.List {
		v, err := e.Eval(ctx, nil)
		if err != nil {
			return err
		}
		if v == nil {
			in.null = true
			continue
		}
		compare := comparandOf(ctx, in.Left, e)
		coder.buf = coder.buf[:0]
		keyed, err := compare.append(ctx, coder, v)
		if err != nil {
			return err
		}
		if !keyed {
			in.rest = append(in.rest, expression.NewEquals(in.Left, e))
			continue
		}
		in.set(compare).put(coder.buf)
	}
	return nil
}

func (in *In) set(compare comparand) *keyTable {
	for _, s := range in.sets {
		if s.compare == compare {
			return s.keys
		}
	}
	s := valueSet{compare: compare, keys: newKeyTable()}
	in.sets = append(in.sets, s)
	return s.keys
}

// Type implements sql.Expression.
func (*In) Type(*sql.Context) sql.Type { return types.Boolean }

// IsNullable implements sql.Expression.
func (*In) IsNullable(*sql.Context) bool { return true }

// Resolved implements sql.Expression.
func (in *In) Resolved() bool { return in.Left.Resolved() && in.List.Resolved() }

// Children implements sql.Expression: Left and the elements, not the tuple,
// which go-mysql-server's validation takes for a row of several columns.
func (in *In) Children() []sql.Expression {
	return append([]sql.Expression{in.Left}, in.List...)
}

// WithChildren implements sql.Expression.
func (in *In) WithChildren(_ *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != 1+len(in.List) {
		return nil, sql.ErrInvalidChildrenNumber.New(in, len(children), 1+len(in.List))
	}
	return NewIn(children[0], expression.NewTuple(children[1:]...)), nil
}

// CollationCoercibility implements sql.CollationCoercible.
func (*In) CollationCoercibility(*sql.Context) (sql.CollationID, byte) {
	return sql.Collation_binary, 5
}

// String implements sql.Expression.
func (in *In) String() string { return "(" + in.Left.String() + " IN " + in.List.String() + ")" }

// InQuery is Left IN (SELECT …), evaluated as an expression, with the values of
// an uncorrelated query kept by key. go-mysql-server finds them by a hash that
// takes the text '<nil>' for NULL and 1.0 and 1.00 for different numbers
// (plan.InSubquery.Eval).
type InQuery struct {
	expression.BinaryExpressionStub

	mu     sync.Mutex
	loaded *any // the first of the values that keys holds
	count  int
	keys   *keyTable
	null   bool
}

var (
	_ sql.Expression         = (*InQuery)(nil)
	_ sql.CollationCoercible = (*InQuery)(nil)
)

// NewInQuery returns left IN (query); nil where go-mysql-server's operator must
// decide: types that have no keys. Rows of several columns are InRows.
func NewInQuery(ctx *sql.Context, left sql.Expression, query *plan.Subquery) *InQuery {
	if comparandOf(ctx, left, query).kind == compareOther {
		return nil
	}
	return &InQuery{BinaryExpressionStub: expression.BinaryExpressionStub{LeftChild: left, RightChild: query}}
}

// Eval implements sql.Expression.
func (in *InQuery) Eval(ctx *sql.Context, row sql.Row) (any, error) {
	v, err := in.LeftChild.Eval(ctx, row)
	if err != nil {
		return nil, err
	}
	query, ok := in.RightChild.(*plan.Subquery)
	if !ok {
		return nil, expression.ErrUnsupportedInOperand.New(in.RightChild)
	}
	values, err := query.EvalMultiple(ctx, row)
	if err != nil || len(values) == 0 {
		return false, err
	}
	if v == nil {
		return nil, nil
	}
	compare := comparandOf(ctx, in.LeftChild, query)
	coder := newKeyCoder(nil)
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.loaded != &values[0] || in.count != len(values) {
		if err := in.load(ctx, compare, coder, values); err != nil {
			return nil, err
		}
	}
	coder.buf = coder.buf[:0]
	if _, err := compare.append(ctx, coder, v); err != nil {
		return nil, err
	}
	if _, found := in.keys.find(coder.buf); found {
		return true, nil
	}
	if in.null {
		return nil, nil
	}
	return false, nil
}

// load makes keys of the query's values. They are recognised by their address,
// which stays the same exactly as long as the query's result is cached.
func (in *InQuery) load(ctx *sql.Context, compare comparand, coder *keyCoder, values []any) error {
	in.keys, in.null, in.loaded, in.count = newKeyTable(), false, &values[0], len(values)
	for _, v := range values {
		if v == nil {
			in.null = true
			continue
		}
		coder.buf = coder.buf[:0]
		if _, err := compare.append(ctx, coder, v); err != nil {
			return err
		}
		in.keys.put(coder.buf)
	}
	return nil
}

// Type implements sql.Expression.
func (*InQuery) Type(*sql.Context) sql.Type { return types.Boolean }

// IsNullable implements sql.Expression.
func (*InQuery) IsNullable(*sql.Context) bool { return true }

// WithChildren implements sql.Expression.
func (in *InQuery) WithChildren(_ *sql.Context, children ...sql.Expression) (sql.Expression, error) {
	if len(children) != 2 {
		return nil, sql.ErrInvalidChildrenNumber.New(in, len(children), 2)
	}
	return &InQuery{BinaryExpressionStub: expression.BinaryExpressionStub{LeftChild: children[0], RightChild: children[1]}}, nil
}

// CollationCoercibility implements sql.CollationCoercible.
func (*InQuery) CollationCoercibility(*sql.Context) (sql.CollationID, byte) {
	return sql.Collation_binary, 5
}

// String implements sql.Expression.
func (in *InQuery) String() string {
	return "(" + in.LeftChild.String() + " IN " + in.RightChild.String() + ")"
}
