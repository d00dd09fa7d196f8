package semantics

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/expression"
	"github.com/dolthub/go-mysql-server/sql/expression/function/aggregation"
	"github.com/dolthub/go-mysql-server/sql/transform"
)

// newBuffer returns what collects one output expression over one group.
func newBuffer(ctx *sql.Context, e sql.Expression) (sql.AggregationBuffer, error) {
	switch e := e.(type) {
	case *aggregation.CountDistinct:
		return newCountDistinctBuffer(ctx, e.Children())
	case *aggregation.Max, *aggregation.Min:
		// MIN and MAX of distinct values are those of all values; the DISTINCT
		// would only filter by a hash of the text.
		if d, ok := e.Children()[0].(*expression.DistinctExpression); ok {
			plain, err := e.WithChildren(ctx, append([]sql.Expression{d.Child}, e.Children()[1:]...)...)
			if err != nil {
				return nil, err
			}
			return plain.(sql.Aggregation).NewBuffer(ctx)
		}
		return e.(sql.Aggregation).NewBuffer(ctx)
	case *aggregation.GroupConcat:
		return newGroupConcatBuffer(ctx, e), nil
	case sql.Aggregation:
		return e.NewBuffer(ctx)
	}
	// A column that is no aggregate has its first row's value. (With
	// ONLY_FULL_GROUP_BY all of the group's rows agree.)
	return aggregation.NewFirst(e).NewBuffer(ctx)
}

// countDistinctBuffer counts the distinct rows among those without a NULL.
type countDistinctBuffer struct {
	exprs []sql.Expression
	keys  *keyCoder
	seen  *keyTable
	row   sql.Row
}

func newCountDistinctBuffer(ctx *sql.Context, exprs []sql.Expression) (*countDistinctBuffer, error) {
	own := make([]sql.Expression, len(exprs))
	for i, e := range exprs {
		c, err := transform.Clone(ctx, e)
		if err != nil {
			return nil, err
		}
		own[i] = c
	}
	return &countDistinctBuffer{
		exprs: own, keys: newKeyCoder(expressionTypes(ctx, own)), seen: newKeyTable(), row: make(sql.Row, len(own)),
	}, nil
}

// Update implements sql.AggregationBuffer.
func (c *countDistinctBuffer) Update(ctx *sql.Context, row sql.Row) error {
	for i, e := range c.exprs {
		v, err := e.Eval(ctx, row)
		if err != nil || v == nil {
			return err
		}
		c.row[i] = v
	}
	key, err := c.keys.row(ctx, c.row)
	if err != nil {
		return err
	}
	_, _, err = c.seen.add(ctx, key)
	return err
}

// Eval implements sql.AggregationBuffer.
func (c *countDistinctBuffer) Eval(*sql.Context) (any, error) { return int64(c.seen.len()), nil }

// Dispose implements sql.AggregationBuffer.
func (c *countDistinctBuffer) Dispose(ctx *sql.Context) {
	c.seen.release()
	for _, e := range c.exprs {
		expression.Dispose(ctx, e)
	}
}
