package planner

import (
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/dolthub/go-mysql-server/sql/plan"
	"github.com/dolthub/go-mysql-server/sql/transform"

	"gridgate/engine/memory"
)

// HeldRuleID is the place of the rule that has subqueries' memory counted.
const HeldRuleID analyzer.RuleId = RuleID + 1

// A Held stands at the root of a subquery, or of a lateral derived table, for what
// go-mysql-server keeps of it.
//
// The rows of one that is run once are kept until the statement ends. One that is
// run again for each row of the outer query is copied with all that its operators
// keep, and dropped: what they have taken from the statement's account is given
// back when its rows end.
type Held struct {
	plan.UnaryNode
	again bool
}

var (
	_ sql.ExecBuilderNode    = (*Held)(nil)
	_ sql.CollationCoercible = (*Held)(nil)
)

// holdSubqueries is the rule that puts a Held over each subquery and each lateral
// derived table, in every mode.
//
// It leaves those inside derived tables and other subqueries alone: go-mysql-server
// finalizes these later, with this rule. Only then it makes semi-joins of their
// EXISTS, for which it must find a select list at the subquery's root
// (simplifyPartialJoinParents in sql/analyzer/unnest_exists_subqueries.go).
func holdSubqueries(ctx *sql.Context, _ *analyzer.Analyzer, n sql.Node, _ *plan.Scope, _ analyzer.RuleSelector, _ *sql.QueryFlags) (sql.Node, transform.TreeIdentity, error) {
	n, expressions, err := transform.NodeExprs(ctx, n, heldSubquery)
	if err != nil {
		return nil, transform.SameTree, err
	}
	n, nodes, err := transform.Node(ctx, n, func(ctx *sql.Context, n sql.Node) (sql.Node, transform.TreeIdentity, error) {
		sa, ok := n.(*plan.SubqueryAlias)
		if !ok || !sa.IsLateral {
			return n, transform.SameTree, nil
		}
		if _, already := sa.Child.(*Held); already {
			return n, transform.SameTree, nil
		}
		m, err := sa.WithChildren(ctx, &Held{plan.UnaryNode{Child: sa.Child}, true})
		return m, transform.NewTree, err
	})
	return n, expressions && nodes, err
}

func heldSubquery(ctx *sql.Context, e sql.Expression) (sql.Expression, transform.TreeIdentity, error) {
	s, ok := e.(*plan.Subquery)
	if !ok {
		return e, transform.SameTree, nil
	}
	if _, already := s.Query.(*Held); already {
		return e, transform.SameTree, nil
	}
	return s.WithQuery(&Held{plan.UnaryNode{Child: s.Query}, !s.CanCacheResults()}), transform.NewTree, nil
}

// IsReadOnly implements sql.Node.
func (h *Held) IsReadOnly() bool { return true }

// Resolved implements sql.Node.
func (h *Held) Resolved() bool { return h.Child.Resolved() }

// WithChildren implements sql.Node.
func (h *Held) WithChildren(_ *sql.Context, children ...sql.Node) (sql.Node, error) {
	if len(children) != 1 {
		return nil, sql.ErrInvalidChildrenNumber.New(h, len(children), 1)
	}
	return &Held{plan.UnaryNode{Child: children[0]}, h.again}, nil
}

// CollationCoercibility implements sql.CollationCoercible.
func (h *Held) CollationCoercibility(ctx *sql.Context) (sql.CollationID, byte) {
	return sql.GetCoercibility(ctx, h.Child)
}

// String prints the child only: counting is no step of a plan.
func (h *Held) String() string { return h.Child.String() }

// BuildRowIter implements sql.ExecBuilderNode.
func (h *Held) BuildRowIter(ctx *sql.Context, b sql.NodeExecBuilder, row sql.Row) (sql.RowIter, error) {
	if !h.again {
		child, err := b.Build(ctx, h.Child, row)
		if err != nil {
			return nil, err
		}
		return &keptIter{RowIter: child}, nil
	}
	part := memory.Of(ctx).Part()
	if part == nil {
		return b.Build(ctx, h.Child, row)
	}
	i := &partIter{part: part}
	child, err := b.Build(i.in(ctx), h.Child, row)
	if err != nil {
		part.Close()
		return nil, err
	}
	i.RowIter = child
	return i, nil
}

// keptIter counts rows that are kept until the statement ends.
type keptIter struct {
	sql.RowIter
	held memory.Held // never released: the rows stay
}

func (i *keptIter) Next(ctx *sql.Context) (sql.Row, error) {
	row, err := i.RowIter.Next(ctx)
	if err != nil {
		return nil, err
	}
	if err := i.held.Add(ctx, "the rows of a subquery", memory.RowSize(row)); err != nil {
		return nil, err
	}
	return row, nil
}

// partIter has everything below it take memory from a part of the statement's
// account, which ends with it.
type partIter struct {
	sql.RowIter
	part *memory.Account
	from *sql.Context // the context that under was made of
	ctx  *sql.Context
}

// in is ctx with the part as its account.
func (i *partIter) in(ctx *sql.Context) *sql.Context {
	if i.from != ctx {
		i.from, i.ctx = ctx, ctx.WithContext(memory.With(ctx.Context, i.part))
	}
	return i.ctx
}

func (i *partIter) Next(ctx *sql.Context) (sql.Row, error) { return i.RowIter.Next(i.in(ctx)) }

func (i *partIter) Close(ctx *sql.Context) error {
	err := i.RowIter.Close(i.in(ctx))
	i.part.Close()
	return err
}
